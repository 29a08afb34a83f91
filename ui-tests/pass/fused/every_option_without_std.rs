//! Every option in a crate without std, of a program that has it.
#![no_std]
#![deny(warnings)]

// The program's.
extern crate std;

#[path = "every_option.rs"]
mod every_option;

fn main() {
    every_option::main();
}
