import type { Match, ServedResource } from '../../aggregation/name-resolution.ts';
import { defineCheck } from '../define-check.ts';
import { patchedSpec, remedyFor } from '../remedy-for.ts';

const SHOWN = 5;

/** As the core group is called where its name would be empty. */
const groupText = ({ group }: ServedResource): string => (group === '' ? 'the core group' : `group ${group}`);

const fullText = ({ resource, group }: ServedResource): string => (group === '' ? resource : `${resource}.${group}`);

const isShort = ({ by }: Pick<Match, 'by'>): boolean => by === 'shortName';

/** `plural of deployments.apps, kind Deployment` */
const meaning = ({ by, served }: Match): string =>
  `${isShort({ by }) ? 'short name' : by} of ${fullText(served)}, kind ${served.kind}`;

export default defineCheck({
  code: 'AA513',
  title: 'A remote group takes a resource name from the group that would have it otherwise',
  source: 'client-go restmapper/discovery.go and restmapper/shortcut.go; apimachinery pkg/api/meta/priority.go',
  explanation:
    'Where a name is typed without its group, clients take the core group first, then the group that comes first in the discovery document. This group comes before ' +
    'another one that has a resource, singular or short name in common with it, so kubectl get <name> shows something else than it would without this registration.',
  byHand: ['kubectl api-resources', 'kubectl aa resolve <name>'],
  remedy: 'Give the remote group a lower groupPriorityMinimum than the other one, or write the name with its group.',
  needs: ['apiServices', 'servedResources'],
  run({ apiService, apiServices, servedResources: { from: document, resources, namesakes } }) {
    const { name, group, version } = apiService;
    const remote = new Set(
      apiServices.filter((each) => each.group === group && each.service !== null).map((each) => each.version),
    );
    const own = resources.filter((served) => served.group === group && served.version === version);
    const names = new Set(own.flatMap(({ resource, singular, shortNames }) => [resource, singular, ...shortNames]));
    const taken = [...names].flatMap((taking) => {
      const matches = namesakes.get(taking) ?? [];
      const [by] = matches;
      const from = matches.find(({ served }) => served.group !== group || !remote.has(served.version));
      return by?.served.group === group && by.served.version === version && from && from.served.group !== group
        ? [{ name: taking, by, from }]
        : [];
    });
    const [first] = taken;
    if (!first) return null;
    const rivals = [...new Map(taken.map(({ from }) => [from.served.group, from.served])).values()];
    const lowest = Math.min(
      ...apiServices
        .filter((each) => rivals.some((rival) => rival.group === each.group))
        .map(({ groupPriorityMinimum }) => groupPriorityMinimum),
    );
    const byOrder =
      taken.every(({ by, from }) => isShort(by) === isShort(from)) && lowest > 1 && Number.isFinite(lowest);
    const shown = taken.map((each) => each.name);
    return {
      message:
        `APIService ${name} takes ${shown.slice(0, SHOWN).join(', ')}${shown.length > SHOWN ? ` and ${shown.length - SHOWN} more names` : ''} ` +
        `from ${rivals.slice(0, SHOWN).map(groupText).join(', ')}: kubectl get ${first.name} goes to group ${group}.`,
      evidence: taken.slice(0, SHOWN).map(({ name: shared, by, from }) => ({
        from: `GET /apis${document === 'aggregated' ? ' (aggregated discovery)' : ''}, name ${shared}`,
        value: `${meaning(by)}, before ${meaning(from)}`,
      })),
      remedy: remedyFor(
        byOrder
          ? `Give group ${group} a lower groupPriorityMinimum than ${rivals.slice(0, SHOWN).map(groupText).join(', ')}; until then write the name with its group.`
          : 'Write the name with its group; a full name goes before a short one whatever the priorities.',
        byOrder ? [patchedSpec(apiService, { groupPriorityMinimum: lowest - 1 })] : [],
        [`kubectl get ${fullText(first.from.served)}`],
      ),
      affects: rivals.map((rival) => ({ kind: 'APIService', name: `${rival.version}.${rival.group}` })),
    };
  },
});
