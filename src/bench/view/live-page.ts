import { formatDuration } from '../../core/values/duration.js';
import { formatCount, formatPercent, formatRate } from '../../core/wording.js';
import type { PageBlock, PageDocument, PageFigure, PageOrigin } from '../../page/document.js';
import { JsonFigures } from '../../page/json-figures.js';
import { benchLiveToJson, type BenchLive } from '../model/live.js';
import { countsSent, SCENARIOS } from '../model/scenario.js';
import { latencyOverTimePlot, rateOverTimePlot } from './plots.js';

/** A benchmark while it runs, as a page. */
export function benchLivePage(live: BenchLive, origin: PageOrigin): PageDocument {
  const json = benchLiveToJson(live);
  const { label, scenario, atMs, targetRatePerS, progress } = live;
  return {
    title: label,
    subtitle: SCENARIOS[scenario].summary,
    atMs,
    verdict: {
      tone: 'info',
      word: progress === undefined ? 'connecting' : formatRate(progress.ratePerS),
      sentence: stateWords(live),
    },
    figures: progress === undefined ? [] : figuresOf(live, new JsonFigures(json)),
    sections: live.intervals.length === 0 ? [] : [{ title: 'Over time', blocks: plotsOf(live) }],
    conditions:
      targetRatePerS === undefined
        ? []
        : [{ label: 'target rate', value: formatRate(targetRatePerS) }],
    origin,
    json,
  };
}

function stateWords({ progress }: BenchLive): string {
  if (progress === undefined) return 'no message has been sent yet';
  const { phase, pass, passes, share } = progress;
  const what =
    phase === 'warm-up' ? 'warming up' : passes > 1 ? `pass ${pass} of ${passes}` : 'measuring';
  return share === undefined ? what : `${what}, ${formatPercent(share)} done`;
}

function figuresOf({ intervals }: BenchLive, figures: JsonFigures): readonly PageFigure[] {
  const last = intervals.findLastIndex(({ p50Ns }) => p50Ns !== undefined);
  const shown: PageFigure[] = [
    { label: 'sent', value: figures.figure('sent', formatCount) },
    { label: 'received', value: figures.figure('received', formatCount) },
    { label: 'time', value: figures.figure('elapsed_ns', formatDuration) },
  ];
  if (last === -1) return shown;
  return [
    ...shown,
    ...(['p50', 'p99'] as const).map((percentile) => ({
      label: `${percentile} latency now`,
      value: figures.figure(`intervals.${String(last)}.${percentile}_ns`, formatDuration),
    })),
  ];
}

function plotsOf(live: BenchLive): readonly PageBlock[] {
  const { intervals, stalls, scenario, targetRatePerS } = live;
  const counted = countsSent(scenario) ? 'sent' : 'received';
  const messages = intervals.reduce((sum, one) => sum + one[counted], 0);
  const ms = intervals.reduce((sum, one) => sum + one.ms, 0);
  const facts = {
    intervals,
    stalls,
    series: [],
    conditions: { scenario, targetRatePerS },
    totals: { ratePerS: (messages * 1000) / Math.max(1, ms) },
  };
  const plots = [rateOverTimePlot(facts), latencyOverTimePlot(facts)];
  return plots.flatMap((plot) => (plot === undefined ? [] : [{ kind: 'plot' as const, plot }]));
}
