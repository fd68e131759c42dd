/** What is put between the parts of the engine that is shipped: messages that come twice, and faults planted in it. */
import { LocalStore } from "../../lib/adapters/local/store.ts";
import { SingleProcessTransport } from "../../lib/adapters/single-process/transport.ts";
import { chances } from "./chance.ts";
import { type Life, type Planted, writer } from "./life.ts";

/** Some messages are sent twice; a mark for each is written down, so that the count outlives the process. */
export function sendTwice(life: Life): void {
  const { send } = SingleProcessTransport.prototype;
  const chance = chances(life.seed, "twice", life.number);
  const write = writer(life, "duplicates");
  SingleProcessTransport.prototype.send = function (messages) {
    const again = messages.filter(() => chance() < 0.02);
    if (again.length > 0) write("2".repeat(again.length));
    return send.call(this, [...messages, ...again]);
  };
}

/** Breaks this process's engine. */
export function plant(planted: Planted): void {
  PLANT[planted]();
}

const PLANT: Readonly<Record<Planted, () => void>> = {
  "settle twice": () => {
    const { putRecord } = LocalStore.prototype;
    let settled = 0;
    LocalStore.prototype.putRecord = function (execution, key, record) {
      putRecord.call(this, execution, key, record);
      if (record.kind === "step" && record.status === "settled" && ++settled % 100 === 0)
        setTimeout(() => putRecord.call(this, execution, key, record), 5);
    };
  },
  "acknowledge before dispatch": () => {
    const { consume } = SingleProcessTransport.prototype;
    SingleProcessTransport.prototype.consume = function (queue, receive) {
      consume.call(this, queue, (delivery) => {
        void receive(delivery).catch(() => {});
        return Promise.resolve({ kind: "acknowledge" });
      });
    };
  },
};
