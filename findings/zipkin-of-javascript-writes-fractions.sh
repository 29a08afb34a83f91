#!/usr/bin/env bash
# OpenTelemetry's Zipkin exporter for JavaScript writes fractions of microseconds, for which Zipkin refuses the whole list.
#
# Versions: @opentelemetry/exporter-zipkin 2.12.1 with @opentelemetry/sdk-trace-base 2.12.1 (npm); io.zipkin.zipkin2:zipkin
# 3.5.1 (Maven), the decoder that the Zipkin server uses.
# A span that begins at a full millisecond, as the SDK's own clock gives it, is written right. One whose start is given
# in nanoseconds, as bridges and proxies give it, has a timestamp such as 1700000000123456.8. The duration is rounded.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund @opentelemetry/exporter-zipkin@2.12.1 @opentelemetry/sdk-trace-base@2.12.1 @opentelemetry/api@1.9.1 > npm.log 2>&1
mvn --quiet --batch-mode dependency:copy -Dartifact=io.zipkin.zipkin2:zipkin:3.5.1 -DoutputDirectory=. > mvn.log 2>&1
cat > send.js <<'JS'
const http = require("http");
const { BasicTracerProvider, SimpleSpanProcessor } = require("@opentelemetry/sdk-trace-base");
const { ZipkinExporter } = require("@opentelemetry/exporter-zipkin");
const server = http.createServer((request, response) => {
  let body = "";
  request.on("data", (part) => (body += part));
  request.on("end", () => {
    process.stdout.write(body);
    response.writeHead(202).end();
    server.close();
  });
});
server.listen(0, "127.0.0.1", async () => {
  const url = "http://127.0.0.1:" + server.address().port + "/api/v2/spans";
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(new ZipkinExporter({ url }))] });
  provider.getTracer("t").startSpan("work", { startTime: [1700000000, 123456789] }).end([1700000000, 123999999]);
  await provider.shutdown();
});
JS
cat > Decode.java <<'JAVA'
import zipkin2.codec.SpanBytesDecoder;

public class Decode {
  public static void main(String[] arguments) throws Exception {
    try {
      System.out.println(SpanBytesDecoder.JSON_V2.decodeList(System.in.readAllBytes()));
    } catch (IllegalArgumentException error) {
      System.out.println(error.getMessage().replaceAll(" at line.*", ""));
    }
  }
}
JAVA
seen=$(node send.js | java -cp zipkin-3.5.1.jar Decode.java)
echo "$seen"
[ "$seen" = 'Expected a long but was 1700000000123456.8' ]
