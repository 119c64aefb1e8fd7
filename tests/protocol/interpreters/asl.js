// The States Language in JSONata mode, as far as infra/case/case.asl.json needs it, on the reference JSONata.
//
// It knows Pass, Choice, Wait, Task, Succeed and Fail, Assign, Retry and Catch. Nothing waits. What is not known here is refused.
// Source: https://states-language.net, and the Step Functions Developer Guide, "Transforming data with JSONata in Step Functions".
"use strict";

const jsonata = require("jsonata");

const FIELDS = {
  Pass: ["Assign", "Next"],
  Choice: ["Choices", "Default"],
  Wait: ["Seconds", "Assign", "Next"],
  Task: ["Resource", "Arguments", "Assign", "TimeoutSeconds", "Retry", "Catch", "Next"],
  Succeed: [],
  Fail: ["Error", "Cause"],
};

/** An error that Retry and Catch match by its name. */
class Failure extends Error {
  constructor(error, cause) {
    super(`${error}: ${cause}`);
    this.error = error;
    this.cause = cause;
  }
}

// Step Functions' $string escapes these characters in JSON text and writes every other one as it is, U+0001 among them: measured by
// the authors of sfnx (its testing.py, JSON_ESCAPES).
const ESCAPES = { '"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function jsonText(value) {
  if (typeof value === "string") return `"${Array.from(value, (it) => ESCAPES[it] ?? it).join("")}"`;
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  if (value !== null && typeof value === "object") {
    return `{${Object.entries(value).map(([name, it]) => `${jsonText(name)}:${jsonText(it)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

async function evaluateExpression(code, variables, states) {
  let value;
  try {
    const expression = jsonata(code);
    expression.registerFunction("string", (it) => (typeof it === "string" ? it : jsonText(it)), "<x-b?:s>");
    value = await expression.evaluate(undefined, { ...variables, states });
  } catch (error) {
    throw new Failure("States.QueryEvaluationError", `${code}: ${error.message}`);
  }
  if (value === undefined) throw new Failure("States.QueryEvaluationError", `${code} has no value`);
  return JSON.parse(JSON.stringify(value)); // without JSONata's own marks on sequences
}

/** A field's value, with the expressions in it evaluated. */
async function evaluate(template, variables, states) {
  if (typeof template === "string") {
    const code = /^\{%([^]*)%\}$/.exec(template);
    return code ? evaluateExpression(code[1], variables, states) : template;
  }
  if (Array.isArray(template)) return Promise.all(template.map((it) => evaluate(it, variables, states)));
  if (template === null || typeof template !== "object") return template;
  const members = [];
  for (const [name, it] of Object.entries(template)) members.push([name, await evaluate(it, variables, states)]);
  return Object.fromEntries(members);
}

function matches(clause, error) {
  return clause.ErrorEquals.some((name) => name === error || (name === "States.ALL" && error !== "States.Runtime"));
}

function check(definition) {
  for (const [name, state] of Object.entries(definition.States)) {
    const known = [...(FIELDS[state.Type] ?? []), "Type", "Comment"];
    const unknown = Object.keys(state).find((field) => !known.includes(field));
    if (unknown !== undefined) throw new Error(`${name}: ${state.Type} with ${unknown} is not known here`);
  }
}

/**
 * Runs an execution. `answer(state, arguments)` gives what the next attempt of a task comes to: `{result}` or `{error, cause}`.
 * Gives the steps, in the format of tests/fixtures/paths, and how the execution ends.
 */
async function run(definition, execution, answer) {
  check(definition);
  const context = { Execution: { Input: execution.input, Name: execution.name } };
  const variables = {};
  const steps = [];
  let name = definition.StartAt;
  for (;;) {
    const state = definition.States[name];
    const step = { state: name };
    steps.push(step);
    const go = async (clause, next, extra = {}) => {
      if (clause.Assign) step.assigned = await evaluate(clause.Assign, variables, { context, ...extra });
      Object.assign(variables, step.assigned);
      step.next = next;
      name = next;
    };
    if (state.Type === "Succeed") return { steps, ends: { status: "SUCCEEDED" } };
    try {
      if (state.Type === "Fail") {
        const [error, cause] = await evaluate([state.Error, state.Cause], variables, { context });
        return { steps, ends: { status: "FAILED", error, cause } };
      }
      if (state.Type === "Task") {
        await task(state, step, variables, context, answer, go);
      } else if (state.Type === "Choice") {
        let taken;
        for (const choice of state.Choices) {
          const holds = await evaluate(choice.Condition, variables, { context });
          if (typeof holds !== "boolean") throw new Failure("States.QueryEvaluationError", `${choice.Condition} is no boolean`);
          if (holds) {
            taken = choice;
            break;
          }
        }
        await go(taken ?? {}, taken?.Next ?? state.Default);
      } else {
        if (state.Type === "Wait") step.seconds = await evaluate(state.Seconds, variables, { context });
        await go(state, state.Next);
      }
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      return { steps, ends: { status: "FAILED", error: failure.error, cause: failure.cause } };
    }
  }
}

async function task(state, step, variables, context, answer, go) {
  step.attempts = [];
  const retried = new Map();
  for (;;) {
    try {
      step.arguments = await evaluate(state.Arguments, variables, { context });
      const attempt = answer(step.state, step.arguments);
      step.attempts.push(attempt);
      if (attempt.error !== undefined) throw new Failure(attempt.error, attempt.cause);
      return await go(state, state.Next, { result: attempt.result });
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      // The first retrier that matches counts, also when it has no attempts left.
      const retrier = state.Retry?.find((clause) => matches(clause, failure.error));
      if (retrier && (retried.get(retrier) ?? 0) < (retrier.MaxAttempts ?? 3)) {
        retried.set(retrier, (retried.get(retrier) ?? 0) + 1);
        continue;
      }
      const catcher = state.Catch?.find((clause) => matches(clause, failure.error));
      if (!catcher) throw failure;
      return go(catcher, catcher.Next, { errorOutput: { Error: failure.error, Cause: failure.cause } });
    }
  }
}

module.exports = { evaluate, run };
