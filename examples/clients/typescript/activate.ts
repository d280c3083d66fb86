// Asks a Clearline gateway about an applicant, asks again before the line is opened, and reports the outcome.
//
//   node build/activate.js URL TOKEN_FILE APPLICANT_FILE
//
// The applicant's file is the body of POST /check and names an order. The program ends with 0 when the outcome is
// reported, 1 when the gateway refuses, and 3 when it cannot answer.

import { readFile } from "node:fs/promises";

const ATTEMPTS = 4;
const TIMEOUT_MS = 35_000;

interface Spoken {
  clerk: string[];
  applicant: string[];
}

interface Decision {
  decision: string;
  reasons: string[];
  quote?: { reference: string; total_fen: number };
  order_kept?: boolean;
  changed?: boolean;
  texts: Record<string, Spoken>;
}

interface Quote {
  creditors: { creditor_name: string; how_to_pay: string; total_fen: number }[];
}

interface Outcome {
  order: string;
  outcome: string;
  reason?: string;
}

interface Reported {
  basis: string;
  obeyed: string;
  revision: number;
}

/** A problem document (RFC 9457): its type is stable, its errors name members and never values. */
interface Problem {
  type: string;
  title: string;
  detail?: string;
  errors?: { field: string; code: string }[];
}

class Refused extends Error {
  constructor(status: number, problem: Problem) {
    const errors = (problem.errors ?? []).map((each) => ` [${each.field}: ${each.code}]`).join("");
    super(`${status} ${problem.type}: ${problem.title} ${problem.detail ?? ""}${errors}`);
  }
}

/** Nobody knows whether the call arrived; every call of this program may be repeated. */
class Unavailable extends Error {
  constructor(
    message: string,
    readonly waitMs: number | undefined = undefined,
  ) {
    super(message);
  }
}

class Gateway {
  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  get<Answer>(path: string): Promise<Answer> {
    return this.call(path, { method: "GET" });
  }

  post<Answer>(path: string, body: string): Promise<Answer> {
    return this.call(path, { method: "POST", body });
  }

  private async call<Answer>(path: string, options: { method: string; body?: string }): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.once<Answer>(path, options);
      } catch (error) {
        if (!(error instanceof Unavailable) || attempt === ATTEMPTS) throw error;
        const wait = error.waitMs ?? 1000 * 2 ** (attempt - 1);
        await new Promise((resume) => setTimeout(resume, wait));
      }
    }
  }

  private async once<Answer>(path: string, options: { method: string; body?: string }): Promise<Answer> {
    const headers: Record<string, string> = { Authorization: `Bearer ${this.token}` };
    if (options.body !== undefined) headers["Content-Type"] = "application/json";
    let response: Response;
    let text: string;
    try {
      response = await fetch(this.url + path, { ...options, headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
      text = await response.text();
    } catch (error) {
      throw new Unavailable(`the gateway cannot answer now: ${String(error)}`);
    }
    if (response.ok) return JSON.parse(text) as Answer;
    const refused = new Refused(response.status, JSON.parse(text) as Problem);
    if (response.status !== 503) throw refused;
    const seconds = Number(response.headers.get("Retry-After") ?? "0");
    throw new Unavailable(`the gateway cannot answer now: ${refused.message}`, seconds > 0 ? seconds * 1000 : undefined);
  }
}

/** Obeys the decision: a line that was not allowed is not opened. It acts on codes, never on sentences. */
function outcomeOf(order: string, decision: string): Outcome {
  switch (decision) {
    case "ALLOW":
      return { order, outcome: "ACTIVATED" };
    case "PREPAID_ONLY":
      return { order, outcome: "PREPAID" };
    case "PAY_FIRST":
      return { order, outcome: "DECLINED", reason: "NOT_PAID" };
    default:
      return { order, outcome: "DECLINED", reason: "OTHER" };
  }
}

async function run(url: string, tokenFile: string, applicantFile: string): Promise<void> {
  const gateway = new Gateway(url, (await readFile(tokenFile, "utf8")).trim());
  const applicant = await readFile(applicantFile, "utf8");
  const { order } = JSON.parse(applicant) as { order?: string };
  if (order === undefined) throw new Error("the applicant's file has to name an order");

  const first = await gateway.post<Decision>("/check", applicant);
  console.log("checked", first.decision, first.reasons.join("+"));
  for (const spoken of Object.values(first.texts)) {
    for (const sentence of spoken.clerk) console.log("  clerk:", sentence);
  }
  if (first.order_kept !== true) {
    throw new Error("the gateway could not keep the order: check it again before it is opened");
  }
  if (first.quote !== undefined) {
    const quote = await gateway.get<Quote>(`/quotes/${first.quote.reference}`);
    for (const each of quote.creditors) {
      const yuan = (each.total_fen / 100).toFixed(2);
      console.log(`  owed to ${each.creditor_name}: ${yuan} yuan, ${each.how_to_pay}`);
    }
  }

  const again = await gateway.post<Decision>("/recheck", JSON.stringify({ order }));
  console.log("rechecked", again.decision, "changed", again.changed ?? false);

  const told = outcomeOf(order, again.decision);
  const answer = await gateway.post<Reported>("/activations", JSON.stringify(told));
  console.log("reported", told.outcome, answer.basis, "obeyed", answer.obeyed, "revision", answer.revision);
}

const [url, tokenFile, applicantFile, ...more] = process.argv.slice(2);
if (url === undefined || tokenFile === undefined || applicantFile === undefined || more.length > 0) {
  console.error("usage: activate.js URL TOKEN_FILE APPLICANT_FILE");
  process.exitCode = 2;
} else {
  try {
    await run(url, tokenFile, applicantFile);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = error instanceof Unavailable ? 3 : 1;
  }
}
