import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';

import { backlogReport, watchBacklog } from '../../backlog/run/backlog.js';
import {
  backlogRequest,
  doubtNotice,
  failIfRefused,
  failIfUnhealthy,
  failingFlags,
  failLimits,
  backlogReadingFlags,
  rowChoice,
  showingFlags,
} from '../../backlog/flags/options.js';
import { printBacklog } from '../../backlog/console/printing.js';
import {
  serverFlags,
  withServers,
  type ServerChoice,
  type ServerAccess,
} from '../../backlog/console/server-flags.js';
import { BacklogWatch } from '../../backlog/console/watch.js';
import { BaseCommand } from '../../terminal/base-command.js';
import type { BacklogRequest } from '../../backlog/model/request.js';
import type { RowChoice } from '../../backlog/model/rows.js';

export default class Backlog extends BaseCommand {
  static override summary = 'who is behind, since when, why, and what to do';
  static override description = `Looks at JetStream's consumers for a few seconds and says which of them are behind, how old their oldest unfinished message is, whether it gets better or worse, when they will have caught up, when unread messages are lost, the most likely cause, and the command that helps. Nothing is changed, no consumer is made and no push consumer is touched. Of a consumer that is named, some pulls are listened to in passing, to name its clients.

Without arguments it shows the whole account, with a stream its consumers, with a consumer everything. Names may be patterns: * is all of them, ORD* is the whole name with stars, and anything else with such characters is a regular expression. What matches nothing is exit code 7. "natsx backlog explain ID" says what a verdict means.`;
  static override examples = [
    { description: 'Who is behind?', command: '<%= config.bin %> backlog' },
    {
      description: 'Everything about one consumer, looked at for half a minute',
      command: '<%= config.bin %> backlog ORDERS billing --window 30s',
    },
    {
      description: 'For a script: exit code 9 when messages wait for more than five minutes',
      command: "<%= config.bin %> backlog ORDERS --fail-if 'age>5m' --json",
    },
  ];
  static override args = {
    stream: Args.string({ description: 'stream, or a pattern', ignoreStdin: true }),
    consumer: Args.string({ description: 'consumer, or a pattern', ignoreStdin: true }),
  };
  static override flags = {
    ...backlogReadingFlags,
    ...serverFlags,
    ...showingFlags,
    ...failingFlags,
    watch: Flags.boolean({
      summary: 'look again and again; live on a terminal, a line each time elsewhere',
      helpGroup: 'OUTPUT',
      exclusive: ['fail-on', 'fail-if'],
    }),
    core: Flags.boolean({
      summary: 'only connections: who reads too slowly, without JetStream',
      helpGroup: 'READING',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Backlog);
    const limits = failLimits(flags);
    const request = {
      ...backlogRequest(args, flags, this.jetStream),
      namesClients: args.consumer !== undefined,
      judgesConsumers: limits.conditions.length > 0,
    };
    if (flags.watch) return this.#watch(request, rowChoice(flags), flags);
    const progress = this.notices.progress('reading');
    const onProgress = (text: string): void => progress.update(text);
    const report = await this.withClient('goal', (client, signal) =>
      withServers(flags, this.#serverAccess(signal), (servers) =>
        backlogReport(client.connection, request, signal, { onProgress, servers }),
      ),
    ).finally(() => progress.stop());
    await printBacklog(this.terminal, report, request, rowChoice(flags));
    failIfRefused(report);
    const doubt = doubtNotice(report, limits);
    if (doubt !== undefined) this.notices.notice(doubt);
    failIfUnhealthy(report, limits);
  }

  #serverAccess(signal: AbortSignal): ServerAccess {
    return { contexts: this.contexts.store, timeoutMs: this.timeoutMs, signal };
  }

  async #watch(
    request: BacklogRequest,
    choice: RowChoice,
    serverChoice: ServerChoice,
  ): Promise<void> {
    const watch = new BacklogWatch(this.terminal, request, choice, () => this.life.stop('SIGINT'));
    await this.withClient('endless', async (client, signal) => {
      watch.start();
      try {
        await withServers(serverChoice, this.#serverAccess(signal), async (servers) => {
          const reports = watchBacklog(client.connection, request, signal, { servers });
          for await (const report of reports) watch.show(report);
        });
      } finally {
        watch.stop();
      }
    });
  }
}
