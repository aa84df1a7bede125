import { KurrentDBClient, jsonEvent, BACKWARDS, FORWARDS, END, START } from '@kurrent/kurrentdb-client'
import { spawn } from 'node:child_process'
const child = spawn(process.argv[2], ['serve','--port','0','--insecure'],{stdio:['ignore','pipe','inherit']})
const line = await new Promise(r=>child.stdout.once('data',d=>r(String(d))))
const uri = line.trim().split(' ')[1]
const N = Number(process.argv[3] ?? 300)
const client = KurrentDBClient.connectionString(uri)
await client.appendToStream('s',[jsonEvent({type:'t',data:{}})])
const errs = {}
const read = async (what, opts, s='s') => { try { for await (const e of s==='$all'?client.readAll(opts):client.readStream(s,opts)); } catch(e){ const m=`${what}: ${e.constructor.name} ${e.type} ${e.message?.slice(0,80)}`; errs[m]=(errs[m]??0)+1 } }
for (let i=0;i<N;i++){
  await read('refused', {direction:BACKWARDS, fromPosition:{commit:10_000_000n,prepare:10_000_000n}}, '$all')
  await read('good after refused', {})
  await read('good 2', {})
  await read('notfound', {}, 'none')
  await read('good after notfound', {})
}
console.log(errs)
await client.dispose()
child.kill()
