import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { ApplicationProcess } from "../../bench/src/application-process.ts";

const running = (code: string) => new ApplicationProcess([process.execPath, "-e", code], tmpdir(), { TOLD: "a word" });

test("an application says lines of JSON between those of others, and goes on when it is told to", async () => {
  const application = running(`
    console.log("loading …");
    console.log(JSON.stringify({ told: process.env.TOLD }));
    process.stdin.once("data", () => { console.log('{"isOver":true}'); process.exit(); });
  `);
  expect(await application.said()).toEqual({ told: "a word" });
  application.goOn();
  expect(await application.said()).toEqual({ isOver: true });
  await application.ended();
});

test("one that ends without a word is told of with what it complained about", async () => {
  const application = running(`console.error("no room"); process.exitCode = 3;`);
  await expect(application.said()).rejects.toThrow("the application ended with 3\nno room");
  await expect(application.ended()).rejects.toThrow("ended with 3");
});

test("one that is killed has not ended well", async () => {
  const application = running("setInterval(() => {}, 1000)");
  application.stop();
  await expect(application.ended()).rejects.toThrow("SIGKILL");
});
