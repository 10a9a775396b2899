import { parse } from '@oclif/core/parser';
import { describe, expect, it } from 'vitest';

import { consumerConfigFlags } from '../../../../src/streams/flags/consumer-config-flags.js';
import {
  answerNatscliFlags,
  natscliCreateFlags,
  natscliEditFlags,
} from '../../../../src/streams/flags/natscli-flags.js';
import {
  streamConfigFlags,
  streamEditFlags,
} from '../../../../src/streams/flags/stream-config-flags.js';
import { CONSUMER_FLAGS, consumerConfigOf } from '../../../../src/streams/model/consumer-config.js';
import { streamConfigOf } from '../../../../src/streams/model/stream-config.js';

const minute = 60_000_000_000;

async function streamConfig(line: string) {
  const flags = { ...streamConfigFlags, ...streamEditFlags };
  return streamConfigOf((await parse(line.split(' '), { flags, strict: true })).flags);
}

async function consumerConfig(line: string) {
  const { flags } = await parse(line.split(' '), { flags: consumerConfigFlags, strict: true });
  return consumerConfigOf(CONSUMER_FLAGS, flags);
}

describe('flags of the official stream add and edit', () => {
  it.each([
    ['--subjects a --subjects b', { subjects: ['a', 'b'] }],
    ['--storage memory', { storage: 'memory' }],
    ['--compression s2', { compression: 's2' }],
    ['--replicas 3', { num_replicas: 3 }],
    ['--tag ssd --tag eu --cluster c1', { placement: { cluster: 'c1', tags: ['ssd', 'eu'] } }],
    ['--ack', { no_ack: false }],
    ['--no-ack', { no_ack: true }],
    ['--retention work', { retention: 'workqueue' }],
    ['--discard old', { discard: 'old' }],
    ['--discard-per-subject', { discard: 'new', discard_new_per_subject: true }],
    ['--first-sequence 7', { first_seq: 7 }],
    ['--max-age 1h', { max_age: 60 * minute }],
    ['--max-age=-1', { max_age: 0 }],
    ['--max-bytes=-1', { max_bytes: -1 }],
    ['--max-consumers=-1', { max_consumers: -1 }],
    ['--max-msg-size 1KB', { max_msg_size: 1_024 }],
    ['--max-msgs=-1', { max_msgs: -1 }],
    ['--max-msgs-per-subject 5', { max_msgs_per_subject: 5 }],
    ['--dupe-window 1m', { duplicate_window: minute }],
    ['--mirror ORDERS', { mirror: { name: 'ORDERS' } }],
    ['--no-mirror', { mirror: null }],
    ['--source A --source B', { sources: [{ name: 'A' }, { name: 'B' }] }],
    ['--allow-batch', { allow_atomic: true }],
    ['--allow-fast', { allow_batched: true }],
    ['--allow-counter', { allow_msg_counter: true }],
    ['--no-allow-rollup', { allow_rollup_hdrs: false }],
    ['--deny-delete --deny-purge', { deny_delete: true, deny_purge: true }],
    ['--allow-direct --allow-mirror-direct', { allow_direct: true, mirror_direct: true }],
    ['--allow-msg-ttl --allow-schedules', { allow_msg_ttl: true, allow_msg_schedules: true }],
    ['--subject-del-markers-ttl 1m', { subject_delete_marker_ttl: minute }],
    [
      '--transform-source a.> --transform-destination b.>',
      { subject_transform: { src: 'a.>', dest: 'b.>' } },
    ],
    ['--transform a.>=b.>', { subject_transform: { src: 'a.>', dest: 'b.>' } }],
    ['--no-transform', { subject_transform: null }],
    ['--metadata team=a', { metadata: { team: 'a' } }],
    [
      '--republish-source a.> --republish-destination b.> --republish-headers',
      { republish: { src: 'a.>', dest: 'b.>', headers_only: true } },
    ],
    ['--republish a.>=b.>', { republish: { src: 'a.>', dest: 'b.>' } }],
    ['--no-republish', { republish: null }],
    [
      '--limit-consumer-inactive 1m --limit-consumer-max-pending 9',
      { consumer_limits: { inactive_threshold: minute, max_ack_pending: 9 } },
    ],
    ['--persist-mode async', { persist_mode: 'async' }],
  ])('%s', async (line, config) => {
    expect(await streamConfig(line)).toEqual(config);
  });

  it.each([
    ['--republish a.>', /not subject=subject/],
    ['--republish-headers', /needs --republish/],
    ['--transform a..b=c', /two dots/],
  ])('%s is refused', async (line, message) => {
    await expect(streamConfig(line)).rejects.toThrow(message);
  });
});

describe('flags of the official consumer add and edit', () => {
  it.each([
    ['--ack all', { ack_policy: 'all' }],
    ['--bps 1000', { rate_limit_bps: 1_000 }],
    ['--backoff none', { backoff: [] }],
    [
      '--backoff linear --backoff-steps 3 --backoff-min 1m --backoff-max 4m',
      { backoff: [minute, 2 * minute, 3 * minute] },
    ],
    ['--backoff 1m,2m', { backoff: [minute, 2 * minute] }],
    ['--deliver all', { deliver_policy: 'all' }],
    ['--deliver last_per_subject', { deliver_policy: 'last_per_subject' }],
    ['--deliver subject', { deliver_policy: 'last_per_subject' }],
    ['--deliver 42', { deliver_policy: 'by_start_sequence', opt_start_seq: 42 }],
    [
      '--deliver 2026-01-31T12:00:00Z',
      { deliver_policy: 'by_start_time', opt_start_time: '2026-01-31T12:00:00Z' },
    ],
    ['--deliver-group g', { deliver_group: 'g' }],
    ['--ephemeral', { durable_name: '' }],
    ['--filter a --filter b', { filter_subjects: ['a', 'b'] }],
    ['--flow-control --heartbeat 1m', { flow_control: true, idle_heartbeat: minute }],
    ['--no-headers-only', { headers_only: false }],
    ['--max-deliver=-1', { max_deliver: -1 }],
    ['--max-pending 5', { max_ack_pending: 5 }],
    ['--max-waiting 5', { max_waiting: 5 }],
    ['--max-pull-batch 5', { max_batch: 5 }],
    ['--max-pull-expire 1m', { max_expires: minute }],
    ['--max-pull-bytes 1KB', { max_bytes: 1_024 }],
    ['--pull', {}],
    ['--replay original', { replay_policy: 'original' }],
    ['--sample 30', { sample_freq: '30' }],
    ['--sample=-1', {}],
    ['--target d', { deliver_subject: 'd' }],
    ['--wait 1m', { ack_wait: minute }],
    ['--inactive-threshold 1m', { inactive_threshold: minute }],
    ['--memory', { mem_storage: true }],
    ['--replicas 1', { num_replicas: 1 }],
    ['--metadata team=a', { metadata: { team: 'a' } }],
    ['--pause 2999-01-01T00:00:00Z', { pause_until: '2999-01-01T00:00:00.000Z' }],
    [
      '--pinned-groups g --pinned-ttl 1m',
      { priority_policy: 'pinned_client', priority_groups: ['g'], priority_timeout: minute },
    ],
    ['--overflow-groups g', { priority_policy: 'overflow', priority_groups: ['g'] }],
    ['--prioritized-groups g', { priority_policy: 'prioritized', priority_groups: ['g'] }],
  ])('%s', async (line, config) => {
    expect(await consumerConfig(line)).toEqual(config);
  });

  it('--deliver 1h begins an hour ago', async () => {
    const before = Date.now() - 3_600_000;
    const config = await consumerConfig('--deliver 1h');
    expect(config).toMatchObject({ deliver_policy: 'by_start_time' });
    const startMs = Date.parse(config['opt_start_time'] as string);
    expect(startMs).toBeGreaterThanOrEqual(before);
    expect(startMs).toBeLessThanOrEqual(Date.now() - 3_600_000);
  });

  it.each([
    ['--deliver newest', /invalid start "newest"/],
    ['--deliver new --start-seq 4', /only one start/],
    ['--backoff linear,1m', /no other waits/],
    ['--sample lots', /invalid --sample "lots"/],
    ['--pinned-groups a --overflow-groups b', /two priority policies/],
  ])('%s is refused', async (line, message) => {
    await expect(consumerConfig(line)).rejects.toThrow(message);
  });
});

describe('flags that natsx does not need', () => {
  const answer = async (line: string) => {
    const flags = { ...natscliCreateFlags, ...natscliEditFlags };
    return answerNatscliFlags(
      (await parse(line.split(' '), { flags, strict: true })).flags,
      'stream',
    );
  };

  it('are ignored with a word, or answered with what natsx has', async () => {
    expect(await answer('--defaults')).toBe('--defaults has no effect: natsx never asks');
    expect(await answer('--no-interactive')).toBeUndefined();
    await expect(answer('--interactive')).rejects.toMatchObject({
      hint: expect.stringContaining('--config FILE') as string,
    });
    await expect(answer('--output x.json')).rejects.toMatchObject({
      hint: expect.stringContaining('natsx stream create … --dry-run --json') as string,
    });
  });
});
