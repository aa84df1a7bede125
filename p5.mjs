import { KurrentDBClient, jsonEvent } from '@kurrent/kurrentdb-client'
const c2 = KurrentDBClient.connectionString('kurrentdb://127.0.0.1:21190?tls=false')
await c2.appendToStream('s',[jsonEvent({type:'t',data:{}})]); for await (const e of c2.readStream('s')); try { for await (const e of c2.readStream('nö\ne')); } catch {} 
await c2.dispose()
