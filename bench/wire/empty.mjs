// A Lambda function that does nothing.
export async function handler() {
  process.stdout.write(`${Date.now()}\n`);
}
