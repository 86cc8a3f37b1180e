// Before npm pack: the licences of what is in the bundle. The npm package has no Node inside.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { bundledModules } from './bundled-modules.ts';
import { thirdPartyNotices } from './notices.ts';

const root = join(import.meta.dirname, '../..');
writeFileSync(join(root, 'dist/THIRD-PARTY-NOTICES.txt'), thirdPartyNotices(bundledModules(root)));
