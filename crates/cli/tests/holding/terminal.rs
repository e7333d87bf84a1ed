//! What is typed.

use crate::{keeper::Keeper, pty::Shell};

/// Says how often it was interrupted. What is typed is shown too, so that it must differ. One process
/// that starts no others: a shell that is stopped while it starts one does not count as stopped.
const COUNTING: &str = r#"$dockeeper lock run x -- perl -e '$|=1; $SIG{INT}=sub{$n++; print "int-$n\n"}; $SIG{CONT}=sub{print "go"."-on\n"}; print "be"."gun\n"; sleep 1 while 1'
"#;

#[test]
fn ctrl_c_reaches_the_command_once() {
    let keeper = Keeper::start();
    let mut shell = Shell::start(&keeper);
    shell.enter(COUNTING);
    shell.shows("begun");
    for count in 1..4 {
        shell.enter("\u{3}");
        shell.shows(&format!("int-{count}"));
    }
    shell.enter("\u{1c}");
    shell.shows("$ ");
    shell.enter("echo code-$?\n");
    let shown = shell.shows("code-131");
    assert!(!shown.contains("int-4"), "{shown}");
    shell.end();
}

#[test]
fn ctrl_z_stops_it_and_fg_lets_it_go_on() {
    let keeper = Keeper::start();
    let mut shell = Shell::start(&keeper);
    shell.enter(COUNTING);
    shell.shows("begun");
    for count in 1..3 {
        shell.enter("\u{1a}");
        shell.shows("$ ");
        shell.enter("echo pro\"\"mpt\n");
        shell.shows("prompt");
        shell.enter("fg\n");
        shell.shows("go-on");
        shell.enter("\u{3}");
        shell.shows(&format!("int-{count}"));
    }
    shell.enter("\u{1c}");
    shell.shows("$ ");
    shell.end();
}

#[test]
fn a_command_that_reads_the_terminal_gets_it_and_gives_it_back() {
    let keeper = Keeper::start();
    let mut shell = Shell::start(&keeper);
    shell.enter("$dockeeper lock run x -- sh -c 'read a; echo got-$a; read b; echo got-$b'\n");
    shell.enter("one\n");
    shell.shows("got-one");
    // It has the terminal now: Ctrl-Z and Ctrl-C are its own.
    shell.enter("\u{1a}");
    shell.shows("$ ");
    shell.enter("fg\n");
    shell.enter("two\n");
    shell.shows("got-two");
    shell.shows("$ ");
    // A script that goes on after it can read as well.
    shell.enter("sh -c '$dockeeper lock run x -- head -n 1; read c; echo got-$c'\n");
    shell.enter("three\n");
    for _typed_and_read in 0..2 {
        shell.shows("three\r\n");
    }
    shell.enter("four\n");
    shell.shows("got-four");
    shell.end();
}
