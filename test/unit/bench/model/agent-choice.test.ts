import { describe, expect, it } from 'vitest';

import {
  checkPlacement,
  parseAgentChoice,
  parseLabels,
  parsePlacement,
  spreadJobs,
} from '../../../../src/bench/model/agent-choice.js';
import type { WorkerJob } from '../../../../src/bench/model/client-job.js';

describe('agents', () => {
  it.each([
    ['4', { kind: 'count', count: 4 }],
    ['all', { kind: 'all' }],
    ['zone=a,disk=ssd', { kind: 'labels', labels: { zone: 'a', disk: 'ssd' } }],
  ])('are chosen by "%s"', (text, choice) => {
    expect(parseAgentChoice(text)).toEqual(choice);
  });

  it.each(['0', 'some', '-1', '1.5', 'zone=', '=a', 'zone=a,zone=b', ''])(
    'are not chosen by "%s"',
    (text) => {
      expect(() => parseAgentChoice(text)).toThrow();
    },
  );

  it.each(['version', 'host', 'cores'])('have no label %s of their own', (key) => {
    expect(() => parseLabels([`${key}=x`])).toThrow(`the label "${key}" cannot be set`);
  });
});

describe('clients', () => {
  const job = (role: WorkerJob['role'], index: number, slot: number): WorkerJob => ({
    ...{ role, index, of: 2, slot },
  });
  const jobs = [
    job('publisher', 0, 0),
    job('publisher', 1, 1),
    job('subscriber', 0, 2),
    job('subscriber', 1, 3),
  ];
  const agents = [{ labels: { zone: 'a' } }, { labels: { zone: 'b' } }, { labels: {} }];
  const slots = (placement: string): readonly (readonly number[])[] =>
    spreadJobs(jobs, agents, placement === '' ? [] : parsePlacement(placement)).map((share) =>
      share.map(({ slot }) => slot),
    );

  it('are spread over all agents in turn', () => {
    expect(slots('')).toEqual([[0, 3], [1], [2]]);
  });

  it('run where they are placed', () => {
    expect(slots('publisher:zone=a,subscriber:zone=b')).toEqual([[0, 1], [2, 3], []]);
  });

  it('have only the roles of their scenario', () => {
    const placement = parsePlacement('subscriber:zone=a');
    expect(() => checkPlacement(placement, ['pub'])).toThrow('no clients with the role');
    expect(() => checkPlacement(placement, ['pub', 'pubsub'])).not.toThrow();
    expect(() => parsePlacement('publisher')).toThrow('not a role with a label');
  });
});
