export { handler } from "../../first/trouble/dies.ts";
