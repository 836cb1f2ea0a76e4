// Queries in DuckDB: loads the files of a folder into tables of its own, runs
// every query once and prints "name = answer" and "name_first milliseconds";
// then, for each line it reads, the queries that it names (none: every one)
// again with "name milliseconds", and at last "done".
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

async function timed(name, sql) {
	const begin = process.hrtime.bigint()
	const rows = await run(sql)
	console.log(`${name} ${(Number(process.hrtime.bigint() - begin) / 1e6).toFixed(3)}`)
	return rows
}

const asked = queries(`${folder}/ask.sql`)
for (const { name, sql } of asked)
	console.log(`${name} = ${(await timed(`${name}_first`, sql))[0].join(' ')}`)
console.log('done')
for await (const line of createInterface({ input: process.stdin })) {
	const named = line.split(' ').filter(Boolean)
	for (const { name, sql } of asked)
		if (named.length === 0 || named.includes(name)) await timed(name, sql)
	console.log('done')
}
