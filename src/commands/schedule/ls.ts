import * as Args from '@oclif/core/args';

import { BaseCommand } from '../../terminal/base-command.js';
import { patternFlag } from '../../terminal/flag-types.js';
import { parseStreamName } from '../../core/entity-name.js';
import { listSchedules } from '../../streams/run/manage/schedules.js';
import { missingJson } from '../../streams/view/listing-text.js';
import {
  scheduleJson,
  scheduleListText,
  unreadableSchedules,
} from '../../streams/view/schedule-text.js';

export default class ScheduleLs extends BaseCommand {
  static override summary = 'list scheduled messages, and when each is published next';
  static override description =
    'Reads the schedules of one stream or of all streams, without a consumer. A schedule is late if its time has passed and the server has not published it. The next time of a repeating schedule is the one that its last published message names, or else is computed.';
  static override examples = [
    { description: 'All schedules', command: '<%= config.bin %> schedule ls' },
    {
      description: 'Those of one stream that are late',
      command: "<%= config.bin %> schedule ls ORDERS --json | jq -c 'select(.late_ms > 5000)'",
    },
  ];
  static override args = {
    stream: Args.string({
      description: 'name of the stream [default: all streams]',
      ignoreStdin: true,
      // eslint-disable-next-line @typescript-eslint/require-await -- oclif wants a promise
      parse: async (name) => parseStreamName(name),
    }),
  };
  static override flags = {
    subject: patternFlag({ summary: 'only schedules on matching subjects' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ScheduleLs);
    const { stream } = args;
    const request = { stream, filter: flags.subject ?? '>', scope: this.jetStream };
    const found = await this.withClient('goal', (client) => listSchedules(client, request));
    const { schedules, unreadable, missing } = found;
    if (unreadable > 0) this.notices.warn(unreadableSchedules(unreadable));
    if (this.common.json) {
      for (const one of [...schedules.map(scheduleJson), ...missing.map(missingJson)])
        this.out.json(one);
      return;
    }
    for (const one of missing) this.notices.warn(`${one.what}: ${one.detail}`);
    const view = { style: this.style, width: this.out.width, stream, nowMs: Date.now() };
    this.out.text(scheduleListText(schedules, view));
  }
}
