use crate::{holder::until, keeper::Keeper};
use rustix::process::Signal;

#[test]
fn signals_reach_the_command() {
    let keeper = Keeper::start();
    let script = "for s in HUP INT QUIT TERM USR1 USR2 WINCH; do trap \"echo $s\" $s; done; \
                  trap 'exit 7' ALRM; echo $$; while :; do sleep 0.05; done";
    let mut holder = keeper.script(&[], script);
    let command = holder.pid();
    for (signal, name) in [
        (Signal::HUP, "HUP"),
        (Signal::INT, "INT"),
        (Signal::QUIT, "QUIT"),
        (Signal::TERM, "TERM"),
        (Signal::USR1, "USR1"),
        (Signal::USR2, "USR2"),
        (Signal::WINCH, "WINCH"),
    ] {
        holder.signal(signal);
        assert_eq!(holder.line(), name);
    }
    rustix::process::kill_process(command, Signal::ALARM).unwrap();
    assert_eq!(holder.end().0, Some(7));
}

#[test]
fn a_signal_while_waiting_leaves_nothing_behind() {
    let keeper = Keeper::start();
    let mut holder = keeper.script(&[], "echo ready; exec sleep 1000");
    assert_eq!(holder.line(), "ready");
    let contenders = || {
        let shown = keeper.run(&["lock", "show", "x", "-o", "name"]);
        shown.stdout.lines().count()
    };
    for (signal, code) in [
        (Signal::INT, 130),
        (Signal::TERM, 143),
        (Signal::HUP, 129),
        (Signal::USR1, 138),
    ] {
        let waiter = keeper.script(&[], "echo never");
        until("it waits", || contenders() == 2);
        waiter.signal(signal);
        assert_eq!(waiter.end().0, Some(code));
        assert_eq!(contenders(), 1);
    }
    holder.signal(Signal::TERM);
    assert_eq!(holder.end().0, Some(143));
}
