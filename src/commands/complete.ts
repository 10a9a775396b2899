import * as Args from '@oclif/core/args';

import { consumerNames, streamNames } from '../streams/run/api/jetstream-names.js';
import { openJetStreamApi } from '../streams/run/api/jetstream-api.js';
import { BaseCommand } from '../terminal/base-command.js';
import { cachedNames } from '../terminal/name-cache.js';

/** What the completion of shells runs at a TAB. */
export default class Complete extends BaseCommand {
  static override hidden = true;
  static override summary = 'print the names that a shell completes, one per line';
  static override args = {
    what: Args.string({ required: true, options: ['streams', 'consumers'], ignoreStdin: true }),
    stream: Args.string({ ignoreStdin: true }),
  };

  async run(): Promise<void> {
    const { args } = await this.parse(Complete);
    const { what, stream = '' } = args;
    if (what === 'consumers' && stream === '') return;
    const key = [what, what === 'consumers' && stream, [...this.settings]];
    const names = await cachedNames(key, () =>
      this.withClient('goal', ({ connection }) => {
        const api = openJetStreamApi(connection, this.jetStream);
        return what === 'streams' ? streamNames(api) : consumerNames(api, stream);
      }),
    );
    for (const name of names) this.out.line(name);
  }
}
