import { writeFileSync, mkdtempSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { startKubeApiServer } from '../fakes/kube-apiserver.ts';
const MiB = 1024*1024, N = Number(process.argv[3] ?? 20);
const raw = { apiVersion:'kubectl-aa/v1', kind:'Snapshot', capturedAt:'2026-11-21T10:00:00Z', cluster:{context:'c',server:null}, facts:{
 serverVersion:{state:'known',value:{gitVersion:'v1.33.1',minor:'33'}},
 apiServices:{state:'known',value:Array.from({length:N},(_,i)=>({metadata:{name:`v1.g${i}.example.com`},spec:{group:`g${i}.example.com`,version:'v1',service:{namespace:`ns${i}`,name:'s',port:443},groupPriorityMinimum:1,versionPriority:1}}))},
 namespaces:{},services:{},endpointSlices:{},endpoints:{},pods:{},answers:{},servedChains:{}}} as never;
const parts: Record<string,[string,string,string]> = { members:['{', '"a":1,', '"b":1}'], oneString:['{"message":"','x','"}'], million:['{"items":[', '{"a":"'+'y'.repeat(60)+'"},', '{}]}'], fatPods:['{"items":[', JSON.stringify({metadata:{name:'pod'},spec:{containers:[]},status:{message:'ж'.repeat(200000)}})+',', JSON.stringify({metadata:{name:'p'},spec:{containers:[]}})+']}'] };
const [h,p,t]=parts[process.argv[2]!]!;
const body=Buffer.from(h+p.repeat(Math.floor((32*MiB-64-h.length-t.length)/Buffer.byteLength(p)))+t);
const dir=mkdtempSync('/tmp/m-');
const s = await startKubeApiServer(raw, { intercept: (q, r) => { if (q.url!.startsWith('/version') || q.url!.includes('apiservices')) return false; r.writeHead(200, {'content-type':'application/json'}); r.end(body); return true; }});
writeFileSync(dir+'/kc', s.kubeconfigText());
const c = spawn(process.execPath, [...(process.argv[5]??'').split(',').filter(Boolean),'--require','/tmp/memhook.cjs','bin/kubectl-aa.js', process.argv[4]??'snapshot','--kubeconfig', dir+'/kc'], {stdio:['ignore','inherit','inherit']});
const t0=Date.now(); await new Promise(r=>c.on('close',(code)=>{console.log('exit',code,Date.now()-t0);r(0)})); await s.close();
