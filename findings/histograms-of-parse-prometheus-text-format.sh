#!/usr/bin/env bash
# parse-prometheus-text-format puts all series of a histogram into one: the last one's buckets, no labels, no sum, no count.
#
# Version: parse-prometheus-text-format 1.1.1 (npm).
# A histogram without labels is read whole. With a label, two series of one family become a single one without any word.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund parse-prometheus-text-format@1.1.1 > npm.log 2>&1
cat > parse.js <<'JS'
const parse = require("parse-prometheus-text-format");
const series = (job, total) =>
  `wait_bucket{job="${job}",le="1.0"} 1\nwait_bucket{job="${job}",le="+Inf"} ${total}\nwait_sum{job="${job}"} 3\nwait_count{job="${job}"} ${total}\n`;
console.log(JSON.stringify(parse("# TYPE wait histogram\n" + series("a", 2) + series("b", 7))[0].metrics));
JS
seen=$(node parse.js)
echo "$seen"
[ "$seen" = '[{"buckets":{"1.0":"1","+Inf":"7"}}]' ]
