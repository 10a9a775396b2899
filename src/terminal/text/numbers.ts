export { formatDuration as formatLatency } from '../../core/values/duration.js';
export {
  formatCompact,
  formatCount,
  formatPercent,
  formatRate,
  formatThroughput,
  plural as formatAmount,
} from '../../core/wording.js';
