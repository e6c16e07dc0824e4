use faults::{provisioning::Provisioning, Script};
use std::time::Instant;
fn main() {
    let rt = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    rt.block_on(async {
        let t = Instant::now();
        let of = Provisioning::prepare().await.unwrap();
        println!("prepare {:?}", t.elapsed());
        let t = Instant::now();
        for _ in 0..200 { let r = of.history(&Script::default(), None).unwrap(); std::hint::black_box(&r); }
        println!("new {:?}", t.elapsed() / 200);
        let t = Instant::now();
        for _ in 0..200 { let mut r = of.history(&Script::default(), None).unwrap(); while r.delivery().is_none() { r.step().await.unwrap(); } }
        println!("+ring {:?}", t.elapsed() / 200);
        let t = Instant::now();
        for _ in 0..200 { let mut r = of.history(&Script::default(), None).unwrap(); r.complete().await.unwrap();}
        println!("whole {:?}", t.elapsed() / 200);
        let mut r = of.history(&Script::default(), None).unwrap(); while r.delivery().is_none() { r.step().await.unwrap(); }
        for _ in 0..100 { r.step().await.unwrap(); }
        let t = Instant::now();
        for _ in 0..200 { let f = r.fork().unwrap(); std::hint::black_box(&f); }
        println!("fork {:?}", t.elapsed() / 200);
        let t = Instant::now();
        for _ in 0..200 { let mut f = r.fork().unwrap(); f.complete().await.unwrap(); }
        println!("fork+complete {:?}", t.elapsed() / 200);
    });
}
