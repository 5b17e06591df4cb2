mod authorize;
mod emergency;
mod http;
mod ledger;
mod world;
