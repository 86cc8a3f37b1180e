import { writeFileSync, mkdtempSync } from 'node:fs';
import { createGzip, gzipSync } from 'node:zlib';
import { Readable } from 'node:stream';
import type { RawSnapshot } from '../../src/snapshot/raw-snapshot.ts';
import { startKubeApiServer } from '../fakes/kube-apiserver.ts';
import { runApart } from './captured-run.ts';
const MiB = 1024*1024;
const N = 20;
const raw = { apiVersion:'kubectl-aa/v1', kind:'Snapshot', capturedAt:'2026-11-21T10:00:00Z', cluster:{context:'c',server:null}, facts:{
 serverVersion:{state:'known',value:{gitVersion:'v1.33.1',minor:'33'}},
 apiServices:{state:'known',value:Array.from({length:N},(_,i)=>({metadata:{name:`v1.g${i}.example.com`},spec:{group:`g${i}.example.com`,version:'v1',service:{namespace:`ns${i}`,name:'s',port:443},groupPriorityMinimum:1,versionPriority:1}}))},
 namespaces:{},services:{},endpointSlices:{},endpoints:{},pods:{},answers:{},servedChains:{}}} as unknown as RawSnapshot;
const fill = (head: string, part: string, tail: string, size=32*MiB-64): Buffer => Buffer.from(head + part.repeat(Math.floor((size-Buffer.byteLength(head)-Buffer.byteLength(tail))/Buffer.byteLength(part))) + tail);
const bodies: Record<string, Buffer> = {
  brackets: Buffer.alloc(32*MiB-10, '['),
  emptyObjects: fill('{"items":[', '{},', '{}]}'),
  members: fill('{', '"a":1,', '"b":1}'),
  oneString: fill('{"message":"', 'x', '"}'),
  wideString: fill('{"message":"', 'ж', '"}'),
  text: Buffer.alloc(32*MiB-10, 'x'),
  eyJ: fill('', 'eyJ-', ''),
  million: fill('{"items":[', '{"a":"'+'y'.repeat(60)+'"},', '{}]}'),
  pods: fill('{"items":[', JSON.stringify({metadata:{name:'pod',labels:{a:'b'}},spec:{containers:[{name:'c'}]},status:{phase:'x'.repeat(2)}})+',', JSON.stringify({metadata:{name:'p'},spec:{containers:[]}})+']}'),
  fatPods: fill('{"items":[', JSON.stringify({metadata:{name:'pod'},spec:{containers:[]},status:{message:'ж'.repeat(200000)}})+',', JSON.stringify({metadata:{name:'p'},spec:{containers:[]}})+']}'),
};
const dir = mkdtempSync('/tmp/m-');
const only = process.argv[2];
for (const [name, body] of Object.entries(bodies)) {
  if (only && !name.includes(only)) continue;
  for (const where of (process.argv[3]?.split(',') ?? ['first','second'])) {
    const s = await startKubeApiServer(raw, { intercept: (q, r) => { 
      const first = q.url!.startsWith('/version') || q.url!.includes('apiservices');
      if (first !== (where==='first')) return false;
      r.writeHead(200, {'content-type':'application/json'}); r.end(body); return true; }});
    writeFileSync(dir+'/kc', s.kubeconfigText());
    const out = await runApart(['doctor','-o','json','--kubeconfig', dir+'/kc']);
    const snap = where==='second' ? await runApart(['snapshot','--kubeconfig', dir+'/kc']) : null;
    console.log(name.padEnd(14), where.padEnd(7), 'status', out.status, 'ms', Math.round(out.ms), 'peak', Math.round(out.peakMebibytes), '| snapshot', snap?.status, snap && Math.round(snap.ms), snap && Math.round(snap.peakMebibytes), snap && snap.stdout.length, '|', out.stderr.slice(0,150).trim(), out.stdout.length);
    await s.close();
  }
}
