import type { UpstreamState } from '../../../streams/model/snapshot.js';
import type { StreamFacts } from '../stream-facts.js';
import type { StreamRule } from './stream-retention.js';
import { plural } from '../../../core/wording.js';
import { formatDurationMs } from '../../../core/values/duration.js';
import { shellWord } from '../../../core/printable.js';

export const mirrorSourceLag: StreamRule = {
  id: 'MIRROR_SOURCE_LAG',
  severity: 'warning',
  scope: 'stream',
  meaning:
    'The stream mirrors or sources another stream and does not keep up with it, or has lost it. The backlog is upstream.',
  signs:
    'An upstream reports an error, was not heard from for 10s or ever (its lag of 0 then means nothing), or its lag grows. Critical if it is lost.',
  advice: 'Check the network and the permissions between the two, and the upstream stream itself.',
  test: (facts) => {
    const sick = facts.last.upstreams.map((upstream) => ({
      upstream,
      state: stateOf(facts, upstream),
    }));
    const worst =
      sick.find(({ state }) => state === 'lost') ?? sick.find(({ state }) => state === 'behind');
    if (worst === undefined) return undefined;
    const { upstream, state } = worst;
    return {
      severity: state === 'lost' ? 'critical' : 'warning',
      summary: sentence(upstream, state === 'lost'),
      evidence: {
        kind: upstream.kind,
        upstream: upstream.name,
        lag: upstream.lag,
        silent_ms: upstream.activeMs,
        error: upstream.error,
        external: upstream.external,
      },
    };
  },
  remedy: ({ name, last }) => [
    `natsx stream info ${shellWord(name)}`,
    ...last.upstreams
      .slice(0, 1)
      .map((upstream) => `natsx stream info ${shellWord(upstream.name)}`),
  ],
};

function stateOf(facts: StreamFacts, upstream: UpstreamState): 'fine' | 'behind' | 'lost' {
  if (upstream.error !== undefined && upstream.error !== '') return 'lost';
  // A new mirror has not heard from its upstream yet, which is not a fault.
  const age =
    facts.last.createdMs === undefined ? Infinity : facts.last.atMs - facts.last.createdMs;
  const silent = upstream.activeMs ?? age;
  if (silent > facts.thresholds.upstreamSilentMs) return 'lost';
  const before = facts.samples[0]?.upstreams.find(
    ({ name, kind }) => name === upstream.name && kind === upstream.kind,
  );
  return before !== undefined && upstream.lag > 0 && upstream.lag > before.lag ? 'behind' : 'fine';
}

function sentence(upstream: UpstreamState, lost: boolean): string {
  const who = `The ${upstream.kind} ${upstream.name}`;
  if (!lost)
    return `${who} is ${plural(upstream.lag, 'message')} behind and falling further behind.`;
  if (upstream.error !== undefined && upstream.error !== '')
    return `${who} fails: ${upstream.error}.`;
  return upstream.activeMs === undefined
    ? `${who} was never heard from.`
    : `${who} has been silent for ${formatDurationMs(upstream.activeMs)}; its last known lag was ${plural(upstream.lag, 'message')}.`;
}
