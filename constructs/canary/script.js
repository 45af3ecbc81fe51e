'use strict';
// Requests each URL of STEPS, one after the other, and fails when an answer is not what it should be. Steps that fail do not
// keep the others from running. The runtime of CloudWatch Synthetics has the first module.
const synthetics = require('@aws/synthetics-puppeteer');
const http = require('node:http');
const https = require('node:https');

const steps = STEPS;

// searched is how much of a body is looked at, in bytes.
const searched = 1024 * 1024;

// request gives the answer to a request, with the beginning of its body. It fails when that takes longer than the step may.
function request(step) {
  const url = new URL(step.url);
  const options = {
    method: step.method,
    headers: { 'User-Agent': 'strata-canary', ...step.headers },
    agent: false, // a connection of its own, as a new user has
    signal: AbortSignal.timeout(step.maxLatencyMs),
  };
  return new Promise((resolve, reject) => {
    const fail = (err) => reject(options.signal.aborted ? new Error(`no whole answer within ${step.maxLatencyMs} ms`) : err);
    const sent = (url.protocol === 'https:' ? https : http).request(url, options, (answer) => {
      const certificate = answer.socket.getPeerCertificate?.();
      const chunks = [];
      let size = 0;
      answer.on('data', (chunk) => {
        if (size < searched) chunks.push(chunk.subarray(0, searched - size));
        size += chunk.length;
      });
      answer.on('error', fail);
      answer.on('end', () => {
        resolve({ status: answer.statusCode, body: Buffer.concat(chunks).toString(), certificate });
      });
    });
    sent.on('error', fail);
    sent.end(step.body);
  });
}

// check fails unless the answer to a step is what it should be.
async function check(step) {
  const { status, body, certificate } = await request(step);
  if (!step.status.includes(status)) {
    throw new Error(`status ${status}, want ${step.status.join(' or ')}`);
  }
  if (!body.includes(step.bodyContains)) {
    throw new Error(`no ${JSON.stringify(step.bodyContains)} in the body`);
  }
  if (certificate && step.certificateDays > 0) {
    const days = (Date.parse(certificate.valid_to) - Date.now()) / 86400000;
    if (!(days >= step.certificateDays)) {
      throw new Error(`the certificate is valid for ${Math.floor(days)} more days, want ${step.certificateDays}`);
    }
  }
}

exports.handler = async () => {
  const failures = [];
  for (const step of steps) {
    try {
      await synthetics.executeStep(step.name, () => check(step), {
        screenshotOnStepStart: false, screenshotOnStepSuccess: false, screenshotOnStepFailure: false,
      });
    } catch (err) {
      failures.push(`${step.name}: ${err.message}`);
    }
  }
  if (failures.length > 0) {
    throw new Error(failures.join('; '));
  }
};
