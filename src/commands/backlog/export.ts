import { backlogReport } from '../../backlog/run/backlog.js';
import { LINK_LOST } from '../../backlog/run/live.js';
import { RunMemory } from '../../backlog/run/run-memory.js';
import { serveExport } from '../../backlog/console/export.js';
import { backlogPage } from '../../backlog/console/serve.js';
import { followLink } from '../../backlog/run/window.js';
import { checkTarget } from '../../streams/run/api/target.js';
import { backlogRequest, backlogReadingFlags } from '../../backlog/flags/options.js';
import { serverFlags, withServers } from '../../backlog/console/server-flags.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { durationFlag } from '../../terminal/flag-types.js';
import { listenFlag } from '../../terminal/listen-flag.js';

export default class BacklogExport extends BaseCommand {
  static override summary = 'serve the backlog as Prometheus metrics';
  static override description =
    'Every scrape of /metrics takes as long as the window, so the scrape timeout must be longer; simultaneous scrapes share one reading. Unknown values are absent.';
  static override examples = [
    {
      description: 'For a Prometheus on another machine',
      command: '<%= config.bin %> backlog export --listen 0.0.0.0:9222',
    },
    {
      description: 'For a local Prometheus; results are cached for 30s',
      command: '<%= config.bin %> backlog export --cache 30s',
    },
  ];
  static override flags = {
    ...backlogReadingFlags,
    ...serverFlags,
    listen: listenFlag({
      default: { host: '127.0.0.1', port: 9222 },
      defaultHelp: () => Promise.resolve('127.0.0.1:9222'),
      summary: 'address to listen on; port 0 chooses a free one',
    }),
    cache: durationFlag({ default: 5000, summary: 'how long a result is cached' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(BacklogExport);
    const request = backlogRequest({}, flags, this.jetStream);
    const page = backlogPage({
      windowMs: flags.window + flags.cache,
      choice: { order: 'severity', onlyUnhealthy: false },
      origin: this.origin,
    });
    await this.withClient('endless', async (client, signal) => {
      await checkTarget(client.connection, request);
      followLink(client.connection, () => page.lose(LINK_LOST));
      const access = { contexts: this.contexts.store, timeoutMs: this.timeoutMs, signal };
      return withServers(flags, access, (servers) => {
        const memory = new RunMemory(client.connection, request);
        const read = () => backlogReport(client.connection, request, signal, { servers, memory });
        const plan = { listen: flags.listen, cacheMs: flags.cache, read, page };
        return serveExport(plan, this.terminal, signal);
      });
    });
  }
}
