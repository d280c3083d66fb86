module clearline.example/activate

go 1.19
