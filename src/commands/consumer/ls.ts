import * as Args from '@oclif/core/args';

import { listing } from '../../streams/run/api/listing.js';
import { BaseCommand } from '../../terminal/base-command.js';
import { parseStreamName } from '../../core/entity-name.js';
import { consumerJson, consumerListText, missingJson } from '../../streams/view/listing-text.js';

export default class ConsumerLs extends BaseCommand {
  static override summary = 'list the consumers of a stream, or of all streams';
  static override description =
    'One line per consumer; with --json, one object per line. natsx backlog STREAM shows which consumers are behind, and why.';
  static override examples = [
    { description: 'All consumers of a stream', command: '<%= config.bin %> consumer ls ORDERS' },
    { description: 'All consumers of all streams', command: '<%= config.bin %> consumer ls' },
    {
      description: 'Only the names',
      command: '<%= config.bin %> consumer ls ORDERS --json | jq -r .name',
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

  async run(): Promise<void> {
    const { args } = await this.parse(ConsumerLs);
    const { stream } = args;
    const request = { stream, wantsConsumers: true, scope: this.jetStream };
    const found = await this.withClient('goal', ({ connection }) => listing(connection, request));
    const objects = [...found.consumers.map(consumerJson), ...found.missing.map(missingJson)];
    if (this.common.json) for (const object of objects) this.out.json(object);
    else
      this.out.text(consumerListText(found, { style: this.style, width: this.out.width, stream }));
  }
}
