#!/usr/bin/env bash
# A negative gauge that hot-shots sends to StatsD is taken from the value that is there, each time it is sent.
#
# Versions: hot-shots 17.1.1 and statsd 0.9.0 (npm).
# StatsD takes a number with a sign for a change, so a client has to send 0 first. hot-shots sends `-3` as it stands,
# which Datadog's agent understands as meant. A gauge that is 5 and is then set to -3 twice is -1 at StatsD.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --ignore-scripts hot-shots@17.1.1 statsd@0.9.0 > npm.log 2>&1
cat > send.js <<'JS'
const { spawn } = require("child_process");
const fs = require("fs");
const net = require("net");
const path = require("path");
const StatsD = require("hot-shots");
const freePort = () =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
const main = async () => {
  const [port, mgmt_port] = [await freePort(), await freePort()];
  const config = { port, address: "127.0.0.1", mgmt_port, mgmt_address: "127.0.0.1", flushInterval: 600000, backends: [] };
  fs.writeFileSync("config.js", JSON.stringify(config));
  const script = require.resolve("statsd/stats.js");
  const daemon = spawn("node", [script, path.resolve("config.js")], { cwd: path.dirname(script), stdio: "ignore" });
  const ask = (what) =>
    new Promise((resolve, reject) => {
      let answer = "";
      const socket = net.connect(mgmt_port, "127.0.0.1", () => socket.write(what + "\n"));
      socket.on("data", (part) => (answer += part).includes("END") && socket.end());
      socket.on("end", () => resolve(answer)).on("error", reject);
    });
  const until = async (wanted) => {
    for (let tries = 0; tries < 600; tries++) {
      if ((await ask("counters").catch(() => "")).includes(wanted)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error("statsd did not get there: " + wanted);
  };
  try {
    await until("END");
    const client = new StatsD({ host: "127.0.0.1", port });
    [5, -3, -3].forEach((value) => client.gauge("temperature", value));
    client.increment("sent");
    await until("sent: 1");
    console.log((await ask("gauges")).split("\n")[0]);
    client.close();
  } finally {
    daemon.kill();
  }
};
main();
JS
seen=$(timeout 60 node send.js)
echo "$seen"
[ "$seen" = '{ temperature: -1 }' ]
