import { KurrentDBClient, jsonEvent } from '@kurrent/kurrentdb-client'
import { spawn } from 'node:child_process'
const child = spawn(process.argv[2] ?? 'build/native-debug/bin/kurrentlite', ['serve','--port','0','--insecure'],{stdio:['ignore','pipe','inherit'], env:{...process.env}})
const line = await new Promise(r=>child.stdout.once('data',d=>r(String(d))))
const uri = line.trim().split(' ')[1]
const N = Number(process.argv[3] ?? 5000)
let bad=0
const errs = {}
for (let k=0;k<N/100;k++){
  const client = KurrentDBClient.connectionString(uri)
  for (let i=0;i<100;i++){
    const s = `s-${k}-${i}`
    try {
      await client.appendToStream(s,[jsonEvent({type:'t',data:{i}})])
      let n=0; for await (const e of client.readStream(s)) n++
      try { for await (const e of client.readStream('none'+s)) n++ } catch(e){ if (e.type!=='stream-not-found') throw e }
      if(n!==1) console.log('n',n)
    } catch (e) { bad++; const m = `${e.type} ${e.message} ${e.code}`; errs[m]=(errs[m]??0)+1; if(bad<4) console.log(k,i,e) }
  }
  await client.dispose()
}
console.log('bad',bad,errs)
child.kill()
