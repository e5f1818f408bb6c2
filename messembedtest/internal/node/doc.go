// Package node is what Node and the libraries of a web application do with a
// request before the application sees it, and with the response afterwards:
// Node's HTTP server, express with cors, body-parser, qs, and the validation of
// bodies by class-validator. The versions are Node 14, express 4.17, body-parser
// 1.19, qs 6.7 and class-validator 0.12.
//
// It exists because their quirks are visible to every client: lenient headers, a
// weak ETag on everything, parsers' own error messages, lists in queries. It does
// not include routing, and of the charsets of bodies only UTF-8.
package node
