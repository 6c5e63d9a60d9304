// Reads {"fields": [...], "queries": [...]} from stdin, writes each KQL query's Elasticsearch query, by Kibana's library.
const { fromKueryExpression, toElasticsearchQuery } = require('@cybernetex/kbn-es-query');

const { fields, queries } = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const config = { allowLeadingWildcards: true, dateFormatTZ: 'Asia/Jakarta' };
const read = (text) => toElasticsearchQuery(fromKueryExpression(text, config), { title: 'kawat', fields }, config);
process.stdout.write(JSON.stringify(Object.fromEntries(queries.map((text) => [text, read(text)]))));
