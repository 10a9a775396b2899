import { createHash } from 'node:crypto';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { PageDocument } from '../../../src/page/document.js';
import { embeddedJson, jsonInPage, looksLikeHtml } from '../../../src/page/embedded-json.js';
import { JsonFigures } from '../../../src/page/json-figures.js';
import type { Plot } from '../../../src/page/plots/plot.js';
import { renderBody, renderPage } from '../../../src/page/render.js';
import { pagePolicy } from '../../../src/page/shell.js';

const hostile = `<script>alert("1")</script> & '\u202e`;

const plots: readonly Plot[] = [
  {
    kind: 'xy',
    title: `rate ${hostile}`,
    description: hostile,
    x: { label: 'time', scale: 'elapsed', unit: 'ms' },
    y: { label: 'rate', scale: 'log', unit: 'per_s' },
    series: [
      {
        name: hostile,
        look: 'area',
        points: [
          { x: 0, y: 1 },
          { x: 100, y: null },
          { x: 200, y: 3e6 },
        ],
      },
      { name: 'none', look: 'dots', points: [] },
    ],
    marks: [{ at: 50, label: hostile }],
    bands: [{ from: 20, to: 40, label: hostile, note: hostile }],
    levels: [{ at: 10, label: hostile }],
  },
  {
    kind: 'bars',
    title: 'bars',
    description: '',
    unit: 'count',
    scale: 'log',
    rows: [
      { label: hostile, value: 0, tone: 'good', note: hostile },
      { label: 'unknown', value: undefined, tone: 'unknown', marker: Infinity },
    ],
  },
  {
    kind: 'intervals',
    title: 'intervals',
    description: '',
    rows: [
      {
        label: hostile,
        tone: 'bad',
        note: hostile,
        old: { min: 0, mean: 0, max: 0, stddev: 0, text: hostile },
        new: { min: -0.5, mean: 0.1, max: Infinity, stddev: 0.2, text: hostile },
      },
    ],
  },
  {
    kind: 'timeline',
    title: 'timeline',
    description: '',
    x: { label: 'time', scale: 'clock', unit: 'ms' },
    lanes: [{ label: hostile, tone: 'warn', items: [{ from: 1e12, to: 1e12, label: hostile }] }],
  },
];

const page: PageDocument = {
  title: hostile,
  subtitle: hostile,
  atMs: 1e12,
  verdict: { tone: 'bad', word: hostile, sentence: hostile },
  figures: [{ label: hostile, value: { text: '3', value: 3, at: 'totals.lost' }, note: hostile }],
  sections: [
    {
      title: hostile,
      blocks: [
        { kind: 'text', text: hostile },
        { kind: 'list', items: [hostile] },
        { kind: 'table', caption: hostile, columns: [{ title: hostile }], rows: [[hostile]] },
        {
          kind: 'finding',
          tone: 'warn',
          word: 'warning',
          id: hostile,
          where: hostile,
          sentence: hostile,
          evidence: [hostile],
          commands: [hostile],
        },
        ...plots.map((plot) => ({ kind: 'plot', plot }) as const),
      ],
    },
  ],
  conditions: [{ label: hostile, value: { text: hostile, code: true } }],
  origin: { command: hostile, version: '1.0.0' },
  json: { totals: { lost: 3 }, text: hostile, end: '</script><!--' },
};

describe('a page', () => {
  const html = renderPage(page);

  test('has no markup of its data, and nothing of elsewhere', () => {
    const body = renderBody(page);
    const found = (pattern: RegExp): string | undefined => pattern.exec(body)?.[0];
    expect(found(/<script|alert\("|javascript:|\u202e/)).toBeUndefined();
    expect(found(/\sstyle=|\son\w+=|\shref=|\ssrc=/)).toBeUndefined();
    expect(/https?:\/\//.exec(html)?.[0]).toBeUndefined();
    expect(found(/NaN|Infinity|undefined/)).toBeUndefined();
  });

  test('allows exactly its own style and script', () => {
    const hashOf = (text: string): string =>
      `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const [, style = ''] = /<style>([^]*?)<\/style>/.exec(html) ?? [];
    const [, script = ''] = /<script>([^]*?)<\/script>/.exec(html) ?? [];
    const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(html) ?? [];
    expect(policy).toBe(
      `default-src 'none'; style-src ${hashOf(style)}; script-src ${hashOf(script)}; base-uri 'none'; form-action 'none'`,
    );
    expect(pagePolicy(['let a'], { connect: "'self'" })).toContain("; connect-src 'self'; ");
  });

  test('gives its JSON back', () => {
    expect(looksLikeHtml(html)).toBe(true);
    expect(JSON.parse(jsonInPage(html) ?? '')).toStrictEqual(page.json);
    expect(jsonInPage('<!doctype html><p>other</p>')).toBeUndefined();
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = `<html>${embeddedJson(value)}</html>`;
        expect(JSON.parse(jsonInPage(text) ?? '')).toStrictEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

test('a figure is the number in the JSON', () => {
  const figures = new JsonFigures({ totals: { rate: 1.5 }, list: [{ lost: 0 }], none: null });
  const text = (value: number): string => `${value}!`;
  expect(figures.figure('totals.rate', text)).toStrictEqual({
    text: '1.5!',
    value: 1.5,
    at: 'totals.rate',
  });
  expect(figures.figure('list.0.lost', text)).toStrictEqual({
    text: '0!',
    value: 0,
    at: 'list.0.lost',
  });
  expect(figures.figure('none.rate', text)).toBe('–');
  expect(figures.figure('list.4.lost', text)).toBe('–');
});
