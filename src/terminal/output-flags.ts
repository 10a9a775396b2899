import * as Flags from '@oclif/core/flags';

const helpGroup = 'OUTPUT';

/** How to print; every command has them. */
export const outputFlags = {
  json: Flags.boolean({ char: 'j', summary: 'print JSON on stdout', helpGroup }),
  'no-color': Flags.boolean({
    summary: 'print without colours (also NO_COLOR; FORCE_COLOR forces them)',
    helpGroup,
  }),
  quiet: Flags.boolean({ char: 'q', summary: 'print only data and errors', helpGroup }),
  verbose: Flags.boolean({
    summary: 'print more details on stderr',
    exclusive: ['quiet'],
    helpGroup,
  }),
} as const;
