import { lockOwner } from '../../history/console/lock-owner.js';
import { historyArg, historyFlags, recordedBacklog } from '../../history/flags/history-flags.js';
import { openHistory, recordHistory } from '../../history/run/record-history.js';
import { recordedJson, recordedText, unheardText } from '../../history/view/history-text.js';
import { serverFlags, withServers } from '../../backlog/console/server-flags.js';
import { formatDurationMs } from '../../core/values/duration.js';
import { BaseCommand } from '../../terminal/base-command.js';

export default class HistoryRecord extends BaseCommand {
  static override summary = 'record streams, consumers and connections in a folder, until Ctrl-C';
  static override description = `Reads the whole account at regular intervals, as natsx backlog does, and appends each reading to compressed files in the folder, which is created if needed. Later, natsx backlog --from DIR --at TIME gives the verdict of that time. Nothing on the server is changed.

Each reading is on the disk before the next one begins, so that a crash costs one reading at most. When it is started again, it continues in the same folder. Only one recorder can write to a folder: a second one ends with exit code 8.`;
  static override examples = [
    {
      description: 'A reading every ten seconds, for a week',
      command: '<%= config.bin %> history record ./history',
    },
    {
      description: 'Less often, for a month, and never more than 500 MB',
      command: '<%= config.bin %> history record ./history --every 1m --keep 30d --max-size 500MB',
    },
  ];
  static override args = historyArg;
  static override flags = { ...historyFlags, ...serverFlags };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(HistoryRecord);
    const request = {
      dir: args.dir,
      everyMs: flags.every,
      limits: { keepMs: flags.keep, maxBytes: flags['max-size'] },
      backlog: recordedBacklog(flags, this.jetStream),
      owner: lockOwner,
    };
    const log = await openHistory(request);
    try {
      const progress = await this.withClient('endless', (client, signal) => {
        const access = { contexts: this.contexts.store, timeoutMs: this.timeoutMs, signal };
        return withServers(flags, access, (servers) =>
          recordHistory(client.connection, { request, log }, signal, {
            servers,
            onStart: () =>
              this.notices.notice(
                `recording into ${args.dir} every ${formatDurationMs(flags.every)}`,
              ),
            onUnheard: (unheard) => this.notices.warn(unheardText(unheard)),
            onMissing: (missing) => {
              for (const { what, why, detail } of missing.slice(0, 5)) {
                this.notices.warn(`${what} not recorded (${why}): ${detail}`);
              }
            },
          }),
        );
      });
      if (this.common.json) this.out.json(recordedJson(progress, args.dir));
      this.notices.notice(recordedText(progress, args.dir));
    } finally {
      await log.close();
    }
  }
}
