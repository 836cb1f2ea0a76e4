// The queries of duckdb.sh in DuckDB: loads the files of a folder into tables
// of its own, runs every query once to warm up and then REPEATS times in turn,
// prints "name milliseconds" and "name = answer".
//   node duckdb.mjs FOLDER THREADS REPEATS
import { readFileSync } from 'node:fs'
import { DuckDBInstance } from '@duckdb/node-api'

const [folder, threads, repeats] = process.argv.slice(2)
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
for (let round = 0; round <= Number(repeats); round++)
	for (const { name, sql } of asked) {
		const begin = process.hrtime.bigint()
		const [row] = await run(sql)
		const milliseconds = Number(process.hrtime.bigint() - begin) / 1e6
		if (round === 0) console.log(`${name} = ${row.join(' ')}`)
		else console.log(`${name} ${milliseconds.toFixed(3)}`)
	}
