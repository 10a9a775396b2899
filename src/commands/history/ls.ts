import { withHistory } from '../../bundle/run/open-bundle.js';
import { historyArg } from '../../history/flags/history-flags.js';
import { historyOverview } from '../../history/run/history-overview.js';
import { coverageJson, coverageText } from '../../history/view/history-text.js';
import { BaseCommand } from '../../terminal/base-command.js';

export default class HistoryLs extends BaseCommand {
  static override summary = 'show what a history covers, its gaps and its size';
  static override description =
    'Reads every block of the history and checks it. Damaged blocks are reported, and everything else stays readable. This also works while a recorder is writing to the history.';
  static override examples = [
    { description: 'What time does it cover?', command: '<%= config.bin %> history ls ./history' },
    {
      description: 'Its gaps, as JSON',
      command: '<%= config.bin %> history ls ./history --json | jq .gaps',
    },
  ];
  static override args = historyArg;

  async run(): Promise<void> {
    const { args } = await this.parse(HistoryLs);
    const overview = await withHistory(args.dir, (dir) => historyOverview(dir));
    if (this.common.json) this.out.json(coverageJson(overview));
    else this.out.text(coverageText(overview, this.style));
  }
}
