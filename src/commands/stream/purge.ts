import * as Flags from '@oclif/core/flags';

import { purge } from '../../streams/run/manage/stream-purge.js';
import { printChange } from '../../streams/console/print-change.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { countFlag, durationFlag, timeFlag } from '../../terminal/flag-types.js';
import { purgeSequenceFlag, streamArg } from '../../streams/flags/jetstream-args.js';
import { confirmFlags, isConfirmed, requireConfirmation } from '../../terminal/confirm-flags.js';
import { NatsxError } from '../../core/errors.js';
import { parseSubscriptionPattern } from '../../core/subject/subject.js';
import { jsonText } from '../../core/message/payload-json.js';
import { streamPurgeJson, streamPurgeText } from '../../streams/view/removal-text.js';

export default class StreamPurge extends BaseCommand {
  static override summary = 'remove messages from a stream';
  static override description =
    'Removes all messages, those of a subject, those before a sequence or a time, or all but the newest. Shows how many there are, and removes them with --yes. Without it, nothing is removed, and the exit code is 2, or 0 with --dry-run.';
  static override examples = [
    {
      description: 'See how many messages would be removed',
      command: '<%= config.bin %> stream purge ORDERS --dry-run',
    },
    {
      description: 'Remove what is older than a day',
      command: '<%= config.bin %> stream purge ORDERS --older-than 24h --yes',
    },
    {
      description: 'Keep only the newest hundred of one subject',
      command: '<%= config.bin %> stream purge ORDERS --subject orders.eu --keep 100 --yes',
    },
  ];
  static override args = streamArg;
  static override flags = {
    subject: Flags.string({
      helpValue: '<subject>',
      summary: 'only messages of matching subjects',
    }),
    keep: countFlag({ summary: 'keep this many of the newest messages', exclusive: ['seq'] }),
    seq: purgeSequenceFlag({ summary: 'only messages before this sequence' }),
    'older-than': durationFlag({
      summary: 'only messages that are older than this',
      exclusive: ['seq', 'keep', 'before'],
    }),
    before: timeFlag({
      summary: 'only messages stored before this time (2026-01-31T12:00:00Z, yesterday)',
      exclusive: ['seq', 'keep'],
    }),
    ...confirmFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(StreamPurge);
    const { subject, keep, seq, before, 'older-than': olderThan } = flags;
    const filter = subject === undefined ? undefined : parseSubscriptionPattern(subject);
    const apply = isConfirmed(flags);
    const beforeMs = olderThan === undefined ? before : Date.now() - olderThan;
    const request = { stream: args.stream, choice: { filter, keep, seq }, beforeMs, apply };
    const result = await this.withClient('goal', (client) =>
      purge(client, this.jetStream, request),
    );
    printChange(this.terminal, {
      done: apply,
      json: jsonText(streamPurgeJson(result)),
      text: ({ style }) => streamPurgeText(result, style),
    });
    requireConfirmation(flags, `the stream "${args.stream}" was not purged`);
    if (result.unexpected) {
      throw new NatsxError(
        'unhealthy',
        `the server purged ${result.purged ?? 0} messages of "${args.stream}", and ${result.expected ?? 0} were expected`,
      );
    }
  }
}
