import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../../src/backlog/model/diagnose.js';
import { backlogReportToJson } from '../../../../src/backlog/model/report-json.js';
import { MINUTE, still, T0, windowOf } from './histories.js';

describe('the JSON document', () => {
  it('has the documented shape', () => {
    const window = windowOf({
      readings: still({ P: 40, D: 100, deliveredAt: -2 * MINUTE }),
      stream: { maxAgeMs: 60 * MINUTE },
      lookups: {
        oldest: { seq: 101, storedMs: T0 - 30 * MINUTE, subject: 'orders.new', estimated: false },
      },
    });
    expect(backlogReportToJson(diagnose(window))).toMatchInlineSnapshot(`
      {
        "account": {
          "findings": [],
        },
        "at": "2026-01-15T03:00:04.000Z",
        "complete": true,
        "connections": [],
        "missing": [],
        "schema": "natsx.backlog/1",
        "server": {
          "cluster": null,
          "domain": null,
          "jetstream": true,
          "name": "one",
          "version": "2.15.2",
        },
        "streams": [
          {
            "bytes": 14000,
            "consumers": [
              {
                "ack_pending": 0,
                "at": "2026-01-15T03:00:04.000Z",
                "backlog": 40,
                "clients": null,
                "confidence": "medium",
                "confidence_reasons": [
                  "few messages moved",
                ],
                "delivery_needs": [
                  {
                    "detail": "",
                    "id": "not_paused",
                    "state": "yes",
                  },
                  {
                    "detail": "no pull request is waiting; the last delivery was 2m4s ago",
                    "id": "client_asks",
                    "state": "no",
                  },
                  {
                    "detail": "0 of 1,000",
                    "id": "places_in_flight",
                    "state": "yes",
                  },
                  {
                    "detail": "40 pending",
                    "id": "something_to_deliver",
                    "state": "yes",
                  },
                  {
                    "detail": "",
                    "id": "no_pin",
                    "state": "yes",
                  },
                  {
                    "detail": "",
                    "id": "no_rate_limit",
                    "state": "yes",
                  },
                  {
                    "detail": "",
                    "id": "replay_at_once",
                    "state": "yes",
                  },
                ],
                "drain_eta_range_s": null,
                "drain_eta_s": null,
                "findings": [
                  {
                    "evidence": {
                      "ack_pending": 0,
                      "last_closed_client": null,
                      "last_closed_reason": null,
                      "open_connections": null,
                      "pending": 40,
                      "since_activity_ms": 124000,
                      "since_delivery_ms": 124000,
                      "waiting": 0,
                      "window_ms": 4000,
                    },
                    "id": "NO_CLIENT",
                    "remedy": [
                      "natsx backlog ORDERS worker --window 30s",
                      "natsx backlog --core",
                    ],
                    "severity": "critical",
                    "summary": "No client is pulling: the last delivery was 2m4s ago, and 40 messages wait.",
                  },
                  {
                    "evidence": {
                      "backlog": 40,
                      "drain_eta_s": null,
                      "limit": "max_age",
                      "oldest_age_ms": 1804000,
                      "time_to_loss_s": 1796,
                    },
                    "id": "DATA_LOSS_IMMINENT",
                    "remedy": [
                      "natsx stream edit ORDERS --max-age 4h --yes",
                      "natsx backlog ORDERS worker --watch",
                    ],
                    "severity": "critical",
                    "summary": "max_age discards unread messages in 30m; the backlog does not drain.",
                  },
                ],
                "headline": "No client is pulling: the last delivery was 2m4s ago, and 40 messages wait, and unread messages are lost in 30m.",
                "name": "worker",
                "oldest_age_estimated": false,
                "oldest_age_ms": 1804000,
                "pending": 40,
                "rate_in_per_s": 0,
                "rate_out_per_s": 0,
                "redelivered": 0,
                "severity": "critical",
                "stream": "ORDERS",
                "time_to_loss_s": 1796,
                "trend": "flat",
                "verdict": "NO_CLIENT",
                "waiting": 0,
              },
            ],
            "findings": [
              {
                "evidence": {
                  "consumers": 1,
                  "messages": 140,
                },
                "id": "OK",
                "remedy": [],
                "severity": "ok",
                "summary": "The stream itself is fine.",
              },
            ],
            "headline": "The stream itself is fine.",
            "messages": 140,
            "name": "ORDERS",
            "rate_in_per_s": 0,
            "retention": "limits",
            "severity": "ok",
            "time_to_loss_s": 1796,
            "verdict": "OK",
          },
        ],
        "window_ms": 4000,
      }
    `);
  });

  it('shows what is not known as null, never as 0', () => {
    const window = windowOf({ readings: still({ P: 1 }) });
    const [stream] = window.streams;
    const missing = {
      kind: 'consumer',
      what: 'consumer ORDERS/lost',
      why: 'denied',
      detail: 'no permission',
    } as const;
    const report = diagnose({
      ...window,
      missing: [missing],
      streams: [
        {
          ...stream!,
          consumers: [{ stream: 'ORDERS', name: 'lost', samples: [], unavailable: missing }],
        },
      ],
    });
    const json = JSON.parse(JSON.stringify(backlogReportToJson(report))) as {
      complete: boolean;
      streams: { consumers: Record<string, unknown>[] }[];
    };
    expect(json.complete).toBe(false);
    expect(json.streams[0]?.consumers[0]).toMatchObject({
      name: 'lost',
      verdict: 'UNKNOWN',
      severity: 'unknown',
      confidence: 'low',
      at: null,
      pending: null,
      backlog: null,
      oldest_age_ms: null,
      rate_in_per_s: null,
      drain_eta_s: null,
    });
  });
});
