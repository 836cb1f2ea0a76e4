// The queries of duckdb.sh in DuckDB: loads the files of a folder into tables
// of its own, runs every query once and prints "name = answer"; then, for each
// line it reads, every query again with "name milliseconds" and at last "done".
//   node duckdb.mjs FOLDER THREADS
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { DuckDBInstance } from '@duckdb/node-api'

const [folder, threads] = process.argv.slice(2)
const instance = await DuckDBInstance.create(':memory:', { threads })
const connection = await instance.connect()

async function run(sql) {
	return (await connection.runAndReadAll(sql)).getRows()
}

function queries(file) {
	const parts = readFileSync(file, 'utf8').split(/^-- @(\w+)\n/m).slice(1)
	const list = []
	for (let i = 0; i < parts.length; i += 2)
		list.push({ name: parts[i], sql: parts[i + 1].replace(/;\s*$/, '') })
	return list
}

for (const step of queries(`${folder}/load.sql`))
	for (const statement of step.sql.split(';'))
		if (statement.trim()) await run(statement)

const asked = queries(`${folder}/ask.sql`)
for (const { name, sql } of asked) console.log(`${name} = ${(await run(sql))[0].join(' ')}`)
console.log('done')
for await (const _ of createInterface({ input: process.stdin })) {
	for (const { name, sql } of asked) {
		const begin = process.hrtime.bigint()
		await run(sql)
		console.log(`${name} ${(Number(process.hrtime.bigint() - begin) / 1e6).toFixed(3)}`)
	}
	console.log('done')
}
