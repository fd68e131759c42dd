export { handler } from "../../first/relay/ship.ts";
