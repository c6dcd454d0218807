//! What `callgrind_annotate` prints, as functions.

use super::Functions;

const PRINTED: &str = "\
Profiled target:  target/release/work commit /tmp/x (PID 23484, part 1)
Events recorded:  Ir
--------------------------------------------------------------------------------
2,000 (100.0%)  PROGRAM TOTALS

Ir                   file:function
--------------------------------------------------------------------------------
2,000 (100.0%)  ./csu/../csu/libc-start.c:__libc_start_main@@GLIBC_2.34 [/usr/lib/libc.so.6]
2,000 (100.0%)  ???:(below main) [/x/work]
2,000 (100.0%)  ???:0x000000000001ab70 [/usr/lib/ld-linux-x86-64.so.2]
2,000 (100.0%)  ???:work::main [/x/work]
2,000 (100.0%)  ???:std::rt::lang_start::{{closure}} [/x/work]
1,500 (75.00%)  ???:store::commit::h0123456789abcdef [/x/work]
  500 (25.00%)  ./string/memmove.S:__memcpy_avx [/usr/lib/libc.so.6]
";

#[test]
fn functions_are_shown_with_their_share_and_without_what_is_around_them() {
    let functions: Functions = PRINTED.parse().unwrap();
    let shown = functions.to_string();
    assert_eq!(shown, " 75.0 %          1500  store::commit\n 25.0 %           500  __memcpy_avx\n");
}

#[test]
fn text_without_a_total_is_refused() {
    let refused = "Ir  file:function\n".parse::<Functions>().unwrap_err();
    assert!(refused.to_string().contains("in all"), "{refused}");
}
