import type { Fact, ServerClock } from '../model/facts.ts';

/** By how much the API server's clock differs from ours for sure, in seconds; 0 where nothing shows that it does. */
const skewSeconds = (clock: Fact<ServerClock>): number =>
  clock.state === 'known' && Math.abs(clock.value.offsetSeconds) > clock.value.uncertaintySeconds + 1
    ? clock.value.offsetSeconds
    : 0;

/** An instant of ours on the API server's clock, which is the one that decides. */
export const onServerClock = (at: Date, clock: Fact<ServerClock>): Date =>
  new Date(at.getTime() + 1000 * skewSeconds(clock));

const durationText = (seconds: number): string => {
  const [unit, name] =
    seconds >= 172_800
      ? [86_400, 'days']
      : seconds >= 7200
        ? [3600, 'hours']
        : seconds >= 120
          ? [60, 'minutes']
          : [1, 'seconds'];
  return `${Math.round(seconds / unit)} ${name}`;
};

/**
 * That the two clocks stand on different sides of the beginning or end of a certificate at that instant of the API server's;
 * empty where they do not.
 */
export const skewDecides = (boundary: Date, onServer: Date, clock: Fact<ServerClock>): string => {
  const seconds = skewSeconds(clock);
  const ours = onServer.getTime() - 1000 * seconds;
  if (ours < boundary.getTime() === onServer.getTime() < boundary.getTime()) return '';
  return ` That is a matter of clocks: the one of the API server is ${durationText(Math.abs(seconds))} ${seconds > 0 ? 'ahead of' : 'behind'} the one here.`;
};
