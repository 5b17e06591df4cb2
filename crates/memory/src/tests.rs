mod http;
mod recall;
mod world;
