import { KurrentDBClient, jsonEvent } from '@kurrent/kurrentdb-client'
import { spawn } from 'node:child_process'
const child = spawn(process.argv[2], ['serve','--port','0','--insecure'],{stdio:['ignore','pipe','inherit']})
const line = await new Promise(r=>child.stdout.once('data',d=>r(String(d))))
const uri = line.trim().split(' ')[1]
for (let i=0;i<6;i++){
  const c2 = KurrentDBClient.connectionString(uri); 
  const t0=performance.now(); await c2.appendToStream('s',[jsonEvent({type:'t',data:{}})])
  const t1=performance.now(); for await (const e of c2.readStream('s'));
  const t2=performance.now(); for await (const e of c2.readStream('s'));
  const t3=performance.now(); await c2.dispose(); const t4=performance.now()
  console.log([t1-t0,t2-t1,t3-t2,t4-t3].map(x=>x.toFixed(1)).join(' '))
}
child.kill()
