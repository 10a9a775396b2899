import { withHistory } from '../../bundle/run/open-bundle.js';
import { serveHistory } from '../../history/console/serve-history.js';
import { historyArg, wholeAccount } from '../../history/flags/history-flags.js';
import { PastReports } from '../../history/run/past-reports.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { listenArg, metricsOpenFlag } from '../../terminal/listen-flag.js';

const LOOPBACK = { host: '127.0.0.1', port: 0 };

export default class HistoryServe extends BaseCommand {
  static override summary = 'serve a history as a page on which you move through time';
  static override description =
    'Prints the address of a page that shows what natsx backlog would have reported at each moment that was recorded. The address has a token, without which nothing is shown. The history is only read, also while natsx history record writes to it; the page then follows the last reading. /api?at=TIME is the same as JSON.';
  static override examples = [
    {
      description: 'A page for this machine, until Ctrl-C',
      command: '<%= config.bin %> history serve ./history',
    },
    {
      description: 'Another port, and its address as JSON',
      command: '<%= config.bin %> history serve ./history 127.0.0.1:9223 --json',
    },
  ];
  static override args = {
    ...historyArg,
    address: listenArg({
      description: 'HOST:PORT to listen on [default: 127.0.0.1 and a free port]',
    }),
  };
  static override flags = { 'metrics-open': metricsOpenFlag() };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(HistoryServe);
    await withHistory(args.dir, async (dir) => {
      const reports = await PastReports.open(dir, wholeAccount);
      const serving = {
        listen: args.address ?? LOOPBACK,
        metricsOpen: flags['metrics-open'],
        reports,
        origin: this.origin,
      };
      await serveHistory(serving, this.terminal);
    });
  }
}
