import * as Flags from '@oclif/core/flags';

import { usageError } from '../../core/errors.js';
import { positiveWaitFlag } from '../../terminal/flag-types.js';
import type { FaultPlan } from '../model/fault-plan.js';
import { parseFaults } from '../model/parse-faults.js';

const group = { helpGroup: 'FAULTS' };

/** Of each command that can inject faults between its clients and the servers. */
export const faultFlags = {
  faults: Flags.string({
    helpValue: '<list>',
    summary: "faults to inject: 'cut 2s every 10s, delay 20ms±10ms' (see docs/faults.md)",
    ...group,
  }),
  'fault-seed': Flags.integer({
    helpValue: '<number>',
    summary: 'seed of the moments and delays of --faults [default: 1]',
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    dependsOn: ['faults'],
    ...group,
  }),
  'fault-command': Flags.string({
    helpValue: '<command>',
    summary: 'command to run while the load runs, such as one that kills a server',
    dependsOn: ['fault-command-every'],
    ...group,
  }),
  'fault-command-every': positiveWaitFlag({
    summary: 'how often to run it, the first time after this long',
    dependsOn: ['fault-command'],
    ...group,
  }),
};

interface FaultFlagValues {
  readonly faults?: string | undefined;
  readonly 'fault-seed'?: number | undefined;
  readonly 'fault-command'?: string | undefined;
  readonly 'fault-command-every'?: number | undefined;
}

const DEFAULT_SEED = 1;

/** What to inject; undefined for nothing. @throws {NatsxError} usage — names the word that cannot be read */
export function faultPlanOf(flags: FaultFlagValues): FaultPlan | undefined {
  const { faults, 'fault-command': line, 'fault-command-every': everyMs } = flags;
  if (line?.trim() === '') throw usageError('--fault-command is empty');
  const command = line === undefined || everyMs === undefined ? undefined : { line, everyMs };
  if (faults === undefined && command === undefined) return undefined;
  return {
    spec: faults ?? '',
    seed: flags['fault-seed'] ?? DEFAULT_SEED,
    faults: faults === undefined ? [] : parseFaults(faults),
    command,
  };
}
