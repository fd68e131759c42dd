/**
 * A purchase request goes from department to department: finance, legal unless it is small, administration. Each checks what
 * it needs, then a person approves it, rejects it or sends it back to be revised. Who is silent is reminded. The budget that
 * was reserved is given back when it comes to nothing.
 */
import { workflow } from "pawl";
import {
  administrationVerdict,
  ask,
  askForRevision,
  checkPreconditions,
  type Department,
  financeVerdict,
  legalVerdict,
  place,
  purchaseRequested,
  Request,
  releaseBudget,
  remind,
  reserveBudget,
  revision,
} from "./contracts.ts";

/** Where a request stands. */
interface Way {
  readonly request: Request;
  readonly department: Department;
  readonly isOver: boolean;
}
/** What a department has made of it so far. */
interface Review {
  readonly request: Request;
  readonly isApproved: boolean;
  /** With which it was sent back. */
  readonly note: string | null;
}

const LEGAL_FROM_CENTS = 500_000;
const MOST_ROUNDS = 3;
const MOST_REMINDERS = 2;

const skipsLegal = ({ cents, sharesPersonalData }: Request): boolean => cents < LEGAL_FROM_CENTS && !sharesPersonalData;

function goOn(department: Department, request: Request): Way {
  if (department === "administration") return { request, department, isOver: true };
  const isNext = department === "finance" && !skipsLegal(request) ? "legal" : "administration";
  return { request, department: isNext, isOver: false };
}

export const purchase = workflow("purchase", {
  input: Request,
  on: purchaseRequested.by((e) => e.data.requestId),
  timeout: "180 days",
})
  .task(reserveBudget, { undo: releaseBudget })
  .loop("way", {
    from: (s): Way => ({ request: s.input, department: "finance", isOver: false }),
    each: (stage) =>
      stage
        .set("department", (s) => s.round.state.department)
        .block(
          "review",
          (b) =>
            b.loop("rounds", {
              from: (s): Review => ({ request: s.round.state.request, isApproved: false, note: null }),
              each: (round) =>
                round
                  .choice("draft", (s) => (s.round.state.note === null ? "asItIs" : "revised"), {
                    asItIs: (d) => d.set("request", (s): Request => s.round.state.request),
                    revised: (d) =>
                      d
                        .task(askForRevision, {
                          input: (s) => ({
                            department: s.department,
                            request: s.round.state.request,
                            note: s.round.state.note ?? "",
                          }),
                        })
                        .waitFor(revision, { timeout: "14 days" })
                        .set("request", (s): Request => ({ ...s.round.state.request, ...s.revision })),
                  })
                  .task(checkPreconditions, {
                    input: (s) => ({ department: s.department, request: s.draft.output }),
                  })
                  .task(ask, { input: (s) => ({ department: s.department, request: s.draft.output }) })
                  .race("first", {
                    answer: (r) =>
                      r.choice("of", (s) => s.department, {
                        finance: (v) => v.waitFor(financeVerdict, { timeout: "30 days" }),
                        legal: (v) => v.waitFor(legalVerdict, { timeout: "30 days" }),
                        administration: (v) => v.waitFor(administrationVerdict, { timeout: "30 days" }),
                      }),
                    silence: (r) =>
                      r
                        .loop("reminders", {
                          from: () => 0,
                          each: (again) =>
                            again
                              .choice("pause", (s) => s.input.pace, {
                                ordinary: (p) => p.wait("days", { for: "2 days" }),
                                urgent: (p) => p.wait("hours", { for: "4 hours" }),
                                drill: (p) => p.wait("moment", { for: "1 second" }),
                              })
                              .choice("patience", (s) => (s.round.n > MOST_REMINDERS ? "over" : "left"), {
                                over: (p) => p,
                                left: (p) =>
                                  p.task(remind, {
                                    input: (s) => ({ ...s.ask, department: s.department, reminders: s.round.n }),
                                  }),
                              })
                              .set("paused", (s) => s.round.n),
                          until: (paused) => paused > MOST_REMINDERS,
                          max: MOST_REMINDERS + 1,
                        })
                        .fail("NoAnswer", (s) => `${s.department} does not answer`),
                  })
                  .choice("verdict", (s) => s.first.output.output.kind, {
                    approve: (v) =>
                      v.set("next", (s): Review => ({ request: s.draft.output, isApproved: true, note: null })),
                    reject: (v) =>
                      v.fail("Rejected", (s) => `${s.department}: ${s.first.output.output.note ?? "no reason given"}`),
                    sendBack: (v) =>
                      v.set(
                        "next",
                        (s): Review => ({
                          request: s.draft.output,
                          isApproved: false,
                          note: s.first.output.output.note ?? "",
                        }),
                      ),
                  })
                  .set("next", (s) => s.verdict.output),
              until: (review) => review.isApproved,
              max: MOST_ROUNDS,
            }),
          {
            catch: {
              loop_limit: (b) =>
                b.fail("SentBackTooOften", (s) => `${s.department} has sent it back ${MOST_ROUNDS} times`),
            },
          },
        )
        .set("next", (s) => goOn(s.department, s.review.output.request)),
    until: (way) => way.isOver,
    max: 3,
  })
  .task(place, { input: (s) => s.way.request })
  .output((s) => ({ orderNumber: s.place.orderNumber, reservationId: s.reserveBudget.reservationId }));
