import { describe, expect, it } from 'vitest';
import { reportFromJson, benchReportToJson } from '../../../../src/bench/model/report-json.js';
import { reportsToCsv } from '../../../../src/bench/model/csv.js';
import { exampleReport } from './example-report.js';

describe('report as JSON', () => {
  it('has the documented shape', () => {
    expect(benchReportToJson(exampleReport())).toMatchSnapshot();
  });

  it('comes back as it went', () => {
    const report = exampleReport();
    const text = JSON.stringify(benchReportToJson(report));
    expect(reportFromJson(JSON.parse(text), 'a.json')).toEqual(JSON.parse(JSON.stringify(report)));
  });

  it.each([
    [{}, 'its schema is none'],
    [[], 'its schema is none'],
    [null, 'its schema is none'],
    [{ schema: 'natsx.bench/9' }, 'its schema is natsx.bench/9'],
    [{ schema: 'natsx.bench-saturate/1' }, 'is a result of natsx bench saturate'],
    [{ schema: 'natsx.bench/1' }, '"conditions" is missing'],
    [
      { ...(benchReportToJson(exampleReport()) as object), repeats: [{}] },
      '"repeats" is missing or malformed',
    ],
  ])('refuses %j', (document, message) => {
    expect(() => reportFromJson(document, 'a.json')).toThrow(
      expect.objectContaining({
        kind: 'usage',
        message: expect.stringContaining(message) as string,
      }),
    );
  });
});

it('writes CSV with one row for the total, each repeat, client and second', () => {
  expect(reportsToCsv([exampleReport()]).replaceAll('\r\n', '\n')).toMatchInlineSnapshot(`
    "run_id,scenario,engine,size,row,index,sent,received,lost,duplicates,out_of_order,elapsed_s,msgs_per_s,bytes_per_s,min_ns,mean_ns,p50_ns,p90_ns,p99_ns,p999_ns,p9999_ns,max_ns
    r1,pubsub,wire,128,total,,1000,1000,0,0,0,0.5,2000,256000,80000,120000,110000,150000,200000,400000,900000,912345
    r1,pubsub,wire,128,repeat,0,1000,1000,0,0,0,0.5,2000,256000,80000,120000,110000,150000,200000,400000,900000,912345
    r1,pubsub,wire,128,client publisher,0,1000,,,,,0.49,2041,,,,,,,,,
    r1,pubsub,wire,128,client subscriber,0,,1000,,,,0.5,2000,,,,,,,,,
    r1,pubsub,wire,128,second,0,1000,1000,,,,,,,,,,,,,,
    "
  `);
});
